// The page of one cause that is counted: what it does to whom, what would change it, its trend, its visitors, its state.
import type { CausePageView, CauseRow, CauseVisitor } from '../actions/causes-view.ts';
import { EMPTY_QUERY } from '../actions/search-query.ts';
import { exclusionLink, incidentLink, pageLink } from './links.ts';
import { searchLink } from './search-query.ts';
import type { ChartView } from './view-bars.ts';
import { chartView } from './view-bars.ts';
import { widthsOf } from './view-cause.ts';
import type { CauseStateView, StateErrors, StateInput } from './view-cause-state.ts';
import { causeStateView } from './view-cause-state.ts';
import type { CauseEntry } from './view-cause-words.ts';
import { advisedLink, causeEntry, cut, shareText, targetWords, vhostWords } from './view-cause-words.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';
import { dayName, dayTime, shortTime } from './view-time.ts';
import type { VerdictMark } from './view-verdict.ts';
import { labelMark } from './view-verdict.ts';

const LONGEST_WIDTH = 200;
const LONGEST_NAME = 120;

interface VisitorView {
  readonly client: string;
  readonly href: string;
  readonly mark: VerdictMark;
  readonly ordinary: string;
  readonly refused: string;
  readonly firewall: string;
  readonly firewallTone: 'bad' | 'warn' | 'off';
  readonly last: string;
}

/** What views/cause-page.ejs needs. */
export interface CountedCausePage {
  readonly title: string;
  readonly headline: string;
  readonly lead: string;
  readonly crumb: string;
  /** The cause itself, as its row in the list. */
  readonly cause: CauseEntry;
  readonly first: string;
  readonly last: string;
  readonly outcome: readonly { readonly name: string; readonly value: string; readonly about: string }[];
  readonly covered: readonly { readonly href: string; readonly text: string }[];
  readonly suggested: string | null;
  readonly widths: readonly {
    readonly name: string;
    readonly what: LongText;
    readonly href: string;
    readonly isSuggested: boolean;
  }[];
  readonly chart: ChartView | null;
  readonly people: readonly VisitorView[];
  readonly morePeople: string;
  readonly others: readonly CauseEntry[];
  /** Other rules at the same field of the same path: they may only matter together. */
  readonly beside: readonly CauseEntry[];
  readonly history: readonly { readonly at: string; readonly who: string; readonly words: LongText }[];
  readonly state: CauseStateView;
  /** What was said of it, and where it is said and taken back. */
  readonly word: {
    readonly mark: string;
    readonly unmark: string;
    readonly about: number;
    readonly marks: readonly { readonly id: number; readonly author: string; readonly note: LongText }[];
  };
  readonly incidents: string | null;
  readonly lines: string;
}

function headlineOf({ tone, refused, decisive, ruleId, vhost, target }: CauseRow): string {
  const rule = `Rule ${ruleId}`;
  const where = vhost === '' ? 'under host names that nobody here owns' : `on ${cut(vhost, LONGEST_NAME)}`;
  const what = `it reacts to ${targetWords(target)}`;
  if (refused === 0) return `${rule} reacts to ${targetWords(target)} ${where}, and refused nothing.`;
  // Without decisive ones, other rules would have refused the same requests.
  const stops = decisive === 0 ? 'helps to stop' : 'stops';
  if (tone === 'false-alarms') return `${rule} ${stops} ordinary visitors ${where}: ${what}.`;
  if (tone === 'some') return `${rule} ${stops} some ordinary visitors ${where}: ${what}.`;
  if (tone === 'attacks')
    return `${rule} mostly ${decisive === 0 ? 'meets' : 'stops'} attacks ${where}: ${what}.`;
  return `Whom rule ${ruleId} ${stops} ${where} is not decided: ${what}.`;
}

function blockedWords(blocked: number): string {
  if (blocked === 0) return 'No visitor of these is blocked now.';
  return `${counted(blocked, 'visitor')} ${blocked === 1 ? 'is' : 'are'} still blocked in the firewall.`;
}

function pathWords(path: string | null): string {
  if (path === null) return 'The logs do not say on which paths.';
  return `It happens on ${path.includes('{n}') ? 'paths like' : 'the path'} ${cut(path, LONGEST_NAME)}.`;
}

function leadOf({ visitors, hits, refused, blockedNow, path }: CauseRow, days: number): string {
  const requests = `${whole(refused)} of ${counted(hits, 'request')} refused`;
  return `It hit ${counted(visitors, 'visitor')} in the last ${counted(days, 'day')}: ${requests}. ${blockedWords(blockedNow)} ${pathWords(path)}`;
}

function outcomeOf(cause: CauseRow): CountedCausePage['outcome'] {
  const { visitors, networks, ordinary, blockedNow, share, attackHits, attackShare, hits } = cause;
  const people = `${ordinary === 0 ? 'none' : `${whole(ordinary)} of them`} with ordinary visitors`;
  return [
    {
      name: 'Visitors hit',
      value: whole(visitors),
      about: `in ${counted(networks, 'network')}, ${people}`,
    },
    { name: 'Still blocked', value: whole(blockedNow), about: 'in csf\u2019s lists' },
    {
      name: 'Flagged on its path',
      value: share === null ? '\u2014' : shareText(share),
      about: share === null ? 'not counted' : 'of the requests to it',
    },
    {
      name: 'From attacks',
      value: whole(attackHits),
      about: `of ${counted(hits, 'request')}${attackHits === 0 ? '' : `, ${shareText(attackShare)}`}`,
    },
  ];
}

function trendChart({ trend }: CausePageView): ChartView | null {
  const [first] = trend;
  const last = trend.at(-1);
  if (first === undefined || last === undefined) return null;
  const highest = trend.reduce((best, day) => (day.hits > best.hits ? day : best), first);
  return chartView({
    id: 'trend',
    title: `Requests a day that the rule reacted to, ${dayName(first.day)} to ${dayName(last.day)}. Most, ${whole(highest.hits)}, on ${dayName(highest.day)}.`,
    bars: trend.map(({ day, hits, attacks }) => ({
      name: dayName(day),
      parts: [
        { tone: 'accent', value: hits - attacks },
        { tone: 'attack', value: attacks },
      ],
    })),
    labelsFrom: 'end',
    legend: [
      { tone: 'accent', text: 'from others' },
      { tone: 'attack', text: 'from attacks' },
    ],
    limit: null,
    columns: ['Day', 'Requests', 'Refused', 'From attacks'],
    rows: trend.map(({ day, hits, refused, attacks }) => [
      dayName(day),
      whole(hits),
      whole(refused),
      whole(attacks),
    ]),
    tableName: 'Table of requests a day',
  });
}

function firewallTone(firewall: string): VisitorView['firewallTone'] {
  if (firewall === 'permanent') return 'bad';
  return firewall.startsWith('until') ? 'warn' : 'off';
}

function visitorView(visitor: CauseVisitor, now: string): VisitorView {
  const { client, from, label, sub, ordinary, refused, hits, firewall, lastAt } = visitor;
  return {
    client,
    href: incidentLink(client, from),
    mark: { ...labelMark(label), small: sub ?? '' },
    ordinary: ordinary ? 'yes' : 'no',
    refused: refused === hits ? whole(refused) : `${whole(refused)} of ${whole(hits)}`,
    firewall,
    firewallTone: firewallTone(firewall),
    last: shortTime(lastAt, now),
  };
}

function widthViews(cause: CauseRow): CountedCausePage['widths'] {
  if (cause.vhost === '') return [];
  return widthsOf(cause).map(({ kind, name, what, href }) => ({
    name,
    what: longText(what, LONGEST_WIDTH),
    href,
    isSuggested: kind === cause.advice.scope,
  }));
}

/** The page; `sent` and `errors` are of the form of the state, where it came back. */
export function countedCausePage(
  view: CausePageView,
  sent: StateInput,
  errors: StateErrors = {},
): CountedCausePage {
  const { cause, days, server, visitors, moreVisitors } = view;
  const { ruleId, vhost, stateAt, stateBy } = cause;
  const { now } = server;
  const since =
    stateAt === null ? '' : `since ${shortTime(stateAt, now)}${stateBy === null ? '' : `, by ${stateBy}`}`;
  return {
    title: `Cause: rule ${ruleId} on ${vhostWords(vhost)}`,
    headline: headlineOf(cause),
    lead: leadOf(cause, days),
    crumb: `${vhostWords(vhost)}, rule ${ruleId}`,
    cause: causeEntry(cause),
    first: dayTime(cause.firstAt),
    last: dayTime(cause.lastAt),
    outcome: outcomeOf(cause),
    covered: view.covered.map((id) => ({ href: exclusionLink(id), text: `exclusion ${id}` })),
    suggested: view.covered.length > 0 ? null : advisedLink(cause),
    widths: widthViews(cause),
    chart: trendChart(view),
    people: visitors.map((visitor) => visitorView(visitor, now)),
    morePeople: moreVisitors === 0 ? '' : `${counted(moreVisitors, 'more visitor')} not listed here.`,
    others: view.others.map(causeEntry),
    beside: view.beside.map(causeEntry),
    history: view.history.map(({ at, who, words }) => ({
      at: dayTime(at),
      who,
      words: longText(words, 300),
    })),
    state: causeStateView(cause, since, sent, errors),
    word: {
      mark: pageLink('/mark'),
      unmark: pageLink('/unmark'),
      about: cause.id,
      marks: cause.marks
        .filter(({ endedAt }) => endedAt === null)
        .map(({ id, author, note }) => ({ id, author, note: longText(note, LONGEST_WIDTH) })),
    },
    incidents: vhost === '' ? null : pageLink('/', { vhost, since: 'all' }),
    lines: searchLink({
      ...EMPTY_QUERY,
      pattern: `[id "${ruleId}"]`,
      syntax: 'literal',
      logs: ['error'],
      vhost: vhost === '' ? null : vhost,
    }),
  };
}
