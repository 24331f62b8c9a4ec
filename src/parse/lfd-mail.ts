// A mail that lfd sent, as an admin pastes it: whole, quoted, translated, or only a piece of it.
import type { EpochMs, WallMs } from '../model.ts';
import { isKnownApp, triggerOfApps } from './lfd-apps.ts';
import { readFieldGroups, readMailFields, type BlockField, type MailFields } from './lfd-mail-fields.ts';
import { clientsOf } from './lfd-mail-clients.ts';
import { readQuotedLines, type QuotedLines } from './lfd-mail-lines.ts';
import { flattenMail } from './lfd-mail-mime.ts';
import {
  readReportSentence,
  readSubject,
  type MailSubject,
  type ReportSentence,
} from './lfd-mail-subject.ts';
import { splitJoinedFields, undoAutolinks, undoDoubleSpacing, undoHardWrap } from './lfd-mail-layout.ts';
import {
  htmlToText,
  isHtml,
  plainLines,
  undoEntities,
  undoSmartQuotes,
  undoSoftBreaks,
  unquote,
} from './lfd-mail-text.ts';
import { findAddress } from './lfd-message.ts';

/** What an lfd mail says. Nothing in it is taken from the values that a log line quotes. */
export interface LfdMail {
  readonly kind:
    | 'block'
    | 'permblock'
    | 'netblock'
    | 'connections'
    | 'portscan'
    | 'xarf'
    | 'login-tracking'
    | 'log-lines'
    | 'other';
  /** The server's full name as the mail has it. */
  readonly host: string | null;
  /** The `Time:` line: local wall clock, and the moment where it names its offset. */
  readonly wallAt: WallMs | null;
  readonly at: EpochMs | null;
  readonly offsetMinutes: number | null;
  /** Normalised address or net that was blocked; null where it is cut out or there are many. */
  readonly address: string | null;
  /** The addresses of a distributed attack, those behind a net block, else the address alone. */
  readonly addresses: readonly string[];
  readonly trigger: string | null;
  readonly apps: readonly string[];
  readonly count: number | null;
  readonly intervalSeconds: number | null;
  readonly permanent: boolean | null;
  readonly temporarySeconds: number | null;
  readonly account: string | null;
  /** The mail warns that csf.allow or GLOBAL_ALLOW holds the address, so that the block may not work. */
  readonly inAllow: boolean;
  /** What the mail quotes, unfolded, one entry each: log lines, connections, or lfd's own earlier blocks. */
  readonly lines: readonly string[];
}

interface Reading {
  readonly fields: MailFields;
  readonly subject: MailSubject | null;
  readonly report: ReportSentence | null;
  readonly quoted: QuotedLines;
  readonly text: string;
}

type Counts = Pick<LfdMail, 'count' | 'intervalSeconds'>;

const NO_COUNTS: Counts = { count: null, intervalSeconds: null };
const NO_TIME = { wallAt: null, at: null, offsetMinutes: null };
const MAX_LENGTH = 4_194_304;
const MAX_LINE = 262_144;

/**
 * Reads an lfd mail (a decoded string: the raw mail, or what a mail program, forum or ticket made of it).
 * Null when nothing in it is of an lfd mail and it holds no log line. Never throws.
 */
export function parseLfdMail(text: string): LfdMail | null {
  if (text.length > MAX_LENGTH || hasLongLine(text)) return null;
  const plain = readable(text);
  const quoted = readQuotedLines(plain);
  const groups = readFieldGroups(quoted.before.slice(0, 65_536));
  const fields = readMailFields(groups);
  const reading = {
    fields,
    quoted,
    subject: readSubject(groups),
    report: readReportSentence(groups),
    text: plain,
  };
  const kind = kindOf(reading);
  return kind === null ? null : assemble(reading, kind);
}

function hasLongLine(text: string): boolean {
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    if (end - start > MAX_LINE) return true;
    start = end + 1;
  }
  return text.length - start > MAX_LINE;
}

/** Undoes transport and paste, from the outside in. */
function readable(text: string): string {
  let value = plainLines(text);
  if (!/<\/?(?:html|body|div|p|br|pre|td)\b/i.test(value)) value = undoEntities(value);
  value = undoSoftBreaks(flattenMail(value));
  const bare = unquote(value);
  if (bare !== value) value = undoSoftBreaks(flattenMail(bare));
  if (isHtml(value)) value = plainLines(htmlToText(value));
  value = unquote(plainLines(undoEntities(value)));
  value = undoHardWrap(undoDoubleSpacing(undoSmartQuotes(value)));
  return splitJoinedFields(undoAutolinks(value));
}

// In this order: the first that holds.
const KINDS: readonly (readonly [LfdMail['kind'], (reading: Reading) => boolean])[] = [
  ['xarf', isReport],
  ['connections', ({ fields, quoted }) => hasTrigger(fields, 'CT_') || quoted.kind === 'connections'],
  ['portscan', ({ fields, quoted }) => hasTrigger(fields, 'PS_') || isPortScan(quoted)],
  ['login-tracking', ({ fields, subject }) => hasTrigger(fields, 'LT_') || isTracked(subject)],
  ['netblock', ({ fields, subject, quoted }) => quoted.kind === 'records' && isNet(fields.address, subject)],
  ['permblock', ({ quoted }) => quoted.kind === 'records'],
  ['block', ({ fields }) => fields.block !== null || hasKnownApps(fields)],
  ['netblock', ({ subject }) => subject?.summary === 'netblock'],
  ['permblock', ({ subject }) => subject?.summary === 'permblock'],
  ['block', ({ fields }) => fields.time !== null && fields.count !== null && fields.address !== null],
  ['other', ({ subject }) => subject !== null],
  ['log-lines', ({ quoted }) => quoted.kind === 'log'],
];

function kindOf(reading: Reading): LfdMail['kind'] | null {
  return KINDS.find(([, holds]) => holds(reading))?.[0] ?? null;
}

function isReport({ fields, subject, report }: Reading): boolean {
  return fields.isReport || subject?.isReport === true || (report !== null && subject === null);
}

function hasTrigger(fields: MailFields, family: string): boolean {
  return fields.block?.trigger?.startsWith(family) ?? false;
}

function isTracked(subject: MailSubject | null): boolean {
  return subject !== null && subject.trackedApp !== null;
}

function isNet(address: string | null, subject: MailSubject | null): boolean {
  return (address ?? subject?.address ?? '').includes('/');
}

function hasKnownApps(fields: MailFields): boolean {
  return (
    fields.apps.length > 0 &&
    (fields.time !== null || fields.intervalSeconds !== null || fields.apps.every(isKnownApp))
  );
}

function isPortScan(quoted: QuotedLines): boolean {
  return quoted.lines.length > 0 && quoted.lines.every((line) => /\bSRC=\S{1,45} DST=\S{1,45} /.test(line));
}

function assemble(reading: Reading, kind: LfdMail['kind']): LfdMail {
  const { fields, subject, report, quoted } = reading;
  const block = fields.block ?? noBlock(kind);
  const account = fields.account ?? subject?.account ?? null;
  const clients = clientsOf(quoted);
  const address = addressOf(reading, kind, { account, clients });
  const apps = appsOf(reading);
  return {
    kind,
    host: subject?.host ?? report?.host ?? null,
    ...(fields.time ?? NO_TIME),
    address,
    addresses: addressesOf(reading, kind, { address, clients }),
    trigger: block.trigger ?? triggerOf(kind, { apps, account, flooded: quoted.kind === 'connections' }),
    apps,
    ...(kind === 'other' ? NO_COUNTS : countsOf(fields, report ?? NO_COUNTS)),
    permanent: block.permanent,
    temporarySeconds: block.seconds,
    account,
    inAllow: block.inAllow,
    lines: quoted.lines,
  };
}

function countsOf(fields: Counts, report: Counts): Counts {
  return {
    count: fields.count ?? report.count,
    intervalSeconds: fields.intervalSeconds ?? report.intervalSeconds,
  };
}

/** Without a `Blocked:` line only the mail about too many temporary blocks says for how long. */
function noBlock(
  kind: LfdMail['kind'],
): Omit<BlockField, 'permanent'> & { readonly permanent: boolean | null } {
  return { trigger: null, permanent: kind === 'permblock' ? true : null, seconds: null, inAllow: false };
}

function appsOf({ fields, subject, report }: Reading): readonly string[] {
  if (fields.apps.length > 0) return fields.apps;
  const app = fields.service ?? report?.app ?? subject?.distributedApp ?? subject?.trackedApp ?? null;
  return app === null || app === 'port-flood' ? [] : [app];
}

function triggerOf(
  kind: LfdMail['kind'],
  { apps, account, flooded }: { apps: readonly string[]; account: string | null; flooded: boolean },
): string | null {
  if (kind === 'permblock') return 'LF_PERMBLOCK';
  if (kind === 'netblock') return 'LF_NETBLOCK';
  if (kind === 'portscan') return 'PS_LIMIT';
  if (kind === 'connections' || (kind === 'xarf' && flooded)) return 'CT_LIMIT';
  if (kind === 'login-tracking') return apps[0] === undefined ? null : `LT_${apps[0].toUpperCase()}`;
  if (kind === 'log-lines' || kind === 'other') return null;
  return account === null ? triggerOfApps(apps) : 'LF_DISTATTACK';
}

/** The field, the report, the subject; only then the first log line's client, where all lines agree on it. */
function addressOf(
  { fields, subject, report }: Reading,
  kind: LfdMail['kind'],
  known: { account: string | null; clients: readonly string[] },
): string | null {
  const named = fields.address ?? report?.address ?? subject?.address ?? null;
  if (named !== null) return named;
  if (kind === 'netblock' || (known.account !== null && kind === 'block')) return null;
  return known.clients.length === 1 ? (known.clients[0] ?? null) : null;
}

function addressesOf(
  { quoted }: Reading,
  kind: LfdMail['kind'],
  known: { address: string | null; clients: readonly string[] },
): readonly string[] {
  if (kind === 'netblock') return known.clients;
  if (known.address !== null) return [known.address];
  const listed = quoted.after
    .slice(0, 65_536)
    .split('\n')
    .map((line) => findAddress(line.slice(0, 80).trimStart()))
    .filter((found) => found?.start === 0)
    .map((found) => found?.address ?? '');
  return listed.length > 0 ? [...new Set(listed)] : known.clients;
}
