// The page of csf's lists: what it denies, allows and ignores, why, until when, and what of it was an attack.
import type { IsoTime, Statement } from '../actions/explanation.ts';
import type { FirewallList } from '../actions/firewall-ledger.ts';
import type { AlarmView, CsfSetting, EntryRow, FirewallFilter } from '../actions/firewall-view.ts';
import { deniedSentence, ENTRY_STATES, entryWords, handComment } from '../actions/firewall-words.ts';
import { firewallActLink, firewallLink, LISTS } from './firewall-query.ts';
import { explainLink, incidentLink, pageLink } from './links.ts';
import { type AskForm, askForm } from './view-firewall-ask.ts';
import { type LedgerRowView, ledgerRow } from './view-firewall-run.ts';
import { type StatementView, statementView } from './view-raw.ts';
import { counted, FieldValue, type LongText, longText, whole } from './view-text.ts';
import { clockTime, dayTime, duration, epochOf, shortTime } from './view-time.ts';
import { labelMark, type VerdictMark } from './view-verdict.ts';

const NAMES: Readonly<Record<FirewallFilter['kind'], string>> = {
  all: 'All',
  waf: 'Web firewall',
  logins: 'Logins',
  hand: 'By hand',
  nets: 'Networks',
  other: 'Other',
  allowed: 'Allowed',
  ignored: 'Ignored',
};

const HEADINGS: Readonly<Record<FirewallFilter['kind'], string>> = {
  all: 'Denied',
  waf: 'Denied for refusals of the web firewall',
  logins: 'Denied for failed logins',
  hand: 'Denied by hand',
  nets: 'Networks that are denied',
  other: 'Denied for other reasons',
  allowed: 'Allowed',
  ignored: 'Ignored by lfd',
};

const EMPTY: Readonly<Record<FirewallFilter['kind'], string>> = {
  all: 'csf.deny and csf’s temporary blocks were read, and hold nothing.',
  waf: 'lfd has blocked nobody for refusals of ModSecurity, or the blocks have ended.',
  logins: 'lfd has blocked nobody for failed logins, or the blocks have ended.',
  hand: 'Every entry was made by lfd.',
  nets: 'No entry covers more than one address.',
  other: 'lfd has blocked nobody for anything else, or the blocks have ended.',
  allowed: 'csf.allow and csf’s temporary allows were read, and hold nothing.',
  ignored: 'csf.ignore was read, and holds nothing.',
};

/** A row of the table. */
export interface EntryRowView {
  readonly entry: string;
  /** The explanation of its address; null where it is about more than one. */
  readonly href: string | null;
  readonly tone: 'ok' | 'warn' | 'bad' | 'off';
  readonly state: string;
  readonly size: string;
  readonly why: LongText;
  /** The comment, where it says more than the words. */
  readonly comment: LongText | null;
  /** What triggered it, and what it covers. */
  readonly about: string;
  readonly since: string;
  readonly until: string;
  readonly dropsOut: string;
  readonly mark: VerdictMark | null;
  readonly judged: string;
  readonly incident: string | null;
  readonly act: { readonly href: string; readonly text: string } | null;
}

/** What views/firewall.ejs needs. */
export interface FirewallPage {
  readonly title: string;
  readonly headline: string;
  readonly rotation: StatementView | null;
  readonly alarm: {
    readonly at: string;
    readonly sentence: string;
    readonly todo: readonly string[];
    readonly action: string;
    readonly reason: FieldValue;
    readonly error: string;
  } | null;
  readonly problems: FirewallList['problems'];
  readonly cannot: string;
  /** Settings that somebody should look at. */
  readonly misread: readonly CsfSetting[];
  readonly settings: readonly CsfSetting[];
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly kind: FirewallFilter['kind'];
  readonly heading: string;
  readonly text: FieldValue;
  readonly shown: string;
  readonly rows: readonly EntryRowView[];
  readonly empty: { readonly title: string; readonly text: string; readonly all: string | null } | null;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
  readonly ask: AskForm;
  readonly acts: readonly LedgerRowView[];
}

/** What the form that ends the alarm brought, with what is wrong with it. */
export interface AlarmInput {
  readonly reason: string;
  readonly error: string;
}

/** Builds the page from one answer of the engine; `sent`: the alarm was not ended, and why. */
export function firewallPage(
  list: FirewallList,
  filter: FirewallFilter,
  sent: AlarmInput = { reason: '', error: '' },
): FirewallPage {
  const { kind, text } = filter;
  const { page, pages, server } = list;
  const link = (number: number): string => firewallLink({ kind, text, page: number });
  return {
    title: 'Firewall',
    headline: deniedSentence(list),
    rotation: list.rotation === null ? null : sentence(list.rotation),
    alarm: alarmPart(list.alarm, sent),
    problems: list.problems,
    cannot: list.cannot ?? '',
    misread: list.settings.filter(({ state }) => state !== 'ok'),
    settings: list.settings,
    tabs: LISTS.filter((one) => one === kind || one === 'all' || list.counts[one] > 0).map((one) => ({
      href: firewallLink({ kind: one, text, page: 1 }),
      name: NAMES[one],
      count: whole(list.counts[one]),
      current: one === kind,
    })),
    kind,
    heading: HEADINGS[kind],
    text: new FieldValue(text ?? ''),
    shown: shownWords(list, filter),
    rows: list.rows.map((row) => entryRow(row, server.now)),
    empty: emptyPart(list, filter),
    newer: page > 1 ? link(page - 1) : null,
    older: page < pages ? link(page + 1) : null,
    pages: `page ${whole(page)} of ${whole(pages)}`,
    ask: askForm({ act: 'unblock', target: '' }, null),
    acts: list.acts.map((act) => ledgerRow(act, server.now)),
  };
}

function sentence(statement: Statement): StatementView {
  return statementView(statement, new Map());
}

function alarmPart(alarm: AlarmView | null, { reason, error }: AlarmInput): FirewallPage['alarm'] {
  if (alarm === null) return null;
  const form = { action: pageLink('/firewall/alarm'), reason: new FieldValue(reason), error };
  return { ...alarm, ...form, at: dayTime(alarm.at) };
}

function shownWords({ matching, readAt }: FirewallList, { text }: FirewallFilter): string {
  const entries = counted(matching, 'entry', 'entries');
  return `${entries}${text === null ? '' : ' with this text'}, read at ${clockTime(readAt)}`;
}

function emptyPart(
  { matching, problems }: FirewallList,
  { kind, text }: FirewallFilter,
): FirewallPage['empty'] {
  if (matching > 0) return null;
  if (text !== null)
    return {
      title: 'Nothing matches.',
      text: 'No entry of this list holds this text, and none covers such an address.',
      all: firewallLink({ kind, text: null, page: 1 }),
    };
  return problems.length > 0
    ? {
        title: 'Nothing can be shown.',
        text: 'That does not mean that nobody is denied: see above.',
        all: null,
      }
    : { title: 'Nothing here.', text: EMPTY[kind], all: null };
}

const TONES: Readonly<Record<EntryRow['list'], EntryRowView['tone']>> = {
  deny: 'bad',
  tempban: 'warn',
  allow: 'ok',
  tempallow: 'ok',
  ignore: 'off',
};

function entryRow(row: EntryRow, now: IsoTime): EntryRowView {
  const { entry, address, since, dropsOut } = row;
  const comment = handComment(row);
  return {
    entry,
    href: address === null || address.includes('/') ? null : explainLink(address),
    tone: TONES[row.list],
    state: ENTRY_STATES[row.list],
    size: row.size ?? '',
    why: longText(entryWords(row), 160),
    comment: comment === null ? null : longText(comment, 160),
    about: aboutWords(row),
    since: since === null ? '' : shortTime(since, now),
    until: untilWords(row, now),
    dropsOut: dropsOut === null ? '' : `drops out ${dropsOut}`,
    ...judgedPart(row),
    act: actOf(row),
  };
}

function judgedPart({ incident, noIncident }: EntryRow): Pick<EntryRowView, 'mark' | 'judged' | 'incident'> {
  if (incident === null) return { mark: null, judged: noIncident ?? '', incident: null };
  return {
    mark: incident.label === null ? null : labelMark(incident.label),
    judged: incident.words,
    incident: incidentLink(incident.client, incident.from),
  };
}

/** `LF_MODSEC, all ports, both ways; kept when the list is trimmed`. */
function aboutWords({ trigger, covers, isKept, includedFrom, list }: EntryRow): string {
  const what = [trigger, list === 'ignore' ? null : covers].filter((part) => part !== null && part !== '');
  const notes = [
    isKept ? 'kept when the list is trimmed' : null,
    includedFrom === null ? null : `from ${includedFrom}`,
  ].filter((part) => part !== null);
  return [what.join(', '), ...notes].filter((part) => part !== '').join('; ');
}

/** `18:41, in 38 min`; `no end` for a permanent one. */
function untilWords({ until, list }: EntryRow, now: IsoTime): string {
  if (until === null) return list === 'tempban' || list === 'tempallow' ? 'not known' : 'no end';
  const [end, present] = [epochOf(until), epochOf(now)];
  const left = end === null || present === null ? 0 : end - present;
  return `${shortTime(until, now)}${left > 0 ? `, in ${duration(left)}` : ''}`;
}

function actOf({ list, address, entry, incident }: EntryRow): EntryRowView['act'] {
  const from = { incidentFrom: incident?.from ?? null };
  const target = address ?? entry;
  // A filter without an address is about nobody who could be let in or out.
  if (list === 'ignore' || (address === null && entry.includes('='))) return null;
  if (list === 'allow' || list === 'tempallow')
    return { href: firewallActLink({ act: 'disallow', target, ...from }), text: 'End the allow…' };
  return { href: firewallActLink({ act: 'unblock', target, ...from }), text: 'Unblock…' };
}
