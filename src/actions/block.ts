// The block: where the firewall holds an address, since when and until when, by which trigger, and what contradicts.
import { maskLine } from '../analyse/mask.ts';
import { netCovers, normalizeNet } from '../parse/address.ts';
import type { LfdMessage, PlacedEntry } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { Context } from './context.ts';
import { coverWords } from './entry-words.ts';
import type { BlockView, Statement } from './explanation.ts';
import { entryTime, type Firewall } from './firewall.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { rotatedOut } from './rotated-out.ts';
import type { ServerClock } from './server.ts';
import { settingsOf } from './settings.ts';
import { triggerInfo, triggerWords } from './triggers.ts';

export interface BlockInput {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly firewall: Firewall;
  readonly address: string | null;
  readonly mail: LfdMail | null;
  readonly mailForeign: boolean;
}

/** The block of one address with the time it is about, for choosing the incident. */
export interface FoundBlock {
  readonly view: BlockView;
  readonly at: EpochMs | null;
  readonly intervalMs: number;
}

interface Facts {
  readonly trigger: string | null;
  readonly count: number | null;
  readonly intervalSeconds: number | null;
}

/** Looks an address up in csf's files, lfd.log and the mail, and says how they agree. */
export function findBlock(input: BlockInput): FoundBlock {
  const { firewall, address, clock } = input;
  const entry = address === null || input.mailForeign ? null : findEntry(firewall, address, clock.now);
  const event = lastBlockEvent(input);
  const facts = gatherFacts(input.mail, event?.event.message ?? null, entry?.message ?? null);
  const since = firstKnown(entry === null ? null : entryTime(entry, clock), event?.at, mailTime(input));
  const info = triggerInfo(facts.trigger);
  const notWaf = info !== null && !info.waf;
  const view: BlockView = {
    ...placeOf(input, entry, event !== null),
    ...timesOf(input, entry, since),
    ...facts,
    triggerWords: triggerWords(facts.trigger, facts.count, facts.intervalSeconds),
    settings: settingsOf(facts.trigger, firewall),
    notWaf,
    advice: notWaf ? adviceOf(info.advice, info.logKeys, firewall) : [],
    contradictions: contradictions(input, entry, event?.event ?? null, since),
  };
  return { view, at: since, intervalMs: (facts.intervalSeconds ?? 3600) * 1000 };
}

/** Where the block stands. */
function placeOf(
  input: BlockInput,
  entry: PlacedEntry | null,
  logged: boolean,
): Pick<BlockView, 'source' | 'address' | 'line' | 'ref' | 'covers'> {
  const source = sourceOf(input, entry, logged);
  if (entry === null) return { source, address: input.address, line: null, ref: null, covers: null };
  return {
    source,
    address: entry.target.address,
    line: maskLine(entry.text),
    ref: entry.ref,
    covers: coverWords(entry),
  };
}

/** Whether it is in force, since when and until when. */
function timesOf(
  input: BlockInput,
  entry: PlacedEntry | null,
  since: EpochMs | null,
): Pick<BlockView, 'state' | 'since' | 'until'> {
  const { zone } = input.clock;
  const state = stateOf(input, entry);
  const seconds = firstKnown(entry?.ttlSeconds, input.mail?.temporarySeconds);
  const until = state === 'temporary' && since !== null && seconds !== null ? since + seconds * 1000 : null;
  return {
    state,
    since: since === null ? null : isoTime(zone, since),
    until: until === null ? null : isoTime(zone, until),
  };
}

/** The first value that is known. */
function firstKnown<Value>(...values: readonly (Value | null | undefined)[]): Value | null {
  return values.find((value) => value !== null && value !== undefined) ?? null;
}

/** The entry that blocks the address now: its own line, a temporary ban that runs, else a net that covers it. */
export function findEntry(firewall: Firewall, address: string, now: EpochMs): PlacedEntry | null {
  const own = firewall.deny.filter(
    (entry) => entry.target.address === address && entry.target.direction !== 'out',
  );
  const plain = own.find((entry) => entry.target.kind !== 'advanced') ?? own[0];
  if (plain !== undefined) return plain;
  const running = firewall.tempbans
    .filter(
      (entry) =>
        entry.target.address === address && (entry.sinceEpoch ?? 0) + (entry.ttlSeconds ?? 0) * 1000 > now,
    )
    .sort((a, b) => (b.sinceEpoch ?? 0) - (a.sinceEpoch ?? 0))[0];
  if (running !== undefined) return running;
  return coveringNet(firewall.deny, address);
}

function coveringNet(entries: readonly PlacedEntry[], address: string): PlacedEntry | null {
  const isNet = normalizeNet(address) !== null;
  const covers = (entry: PlacedEntry): boolean =>
    entry.target.kind === 'cidr' &&
    entry.target.address !== null &&
    !isNet &&
    netCovers(entry.target.address, address);
  return entries.find(covers) ?? null;
}

function lastBlockEvent({
  ctx,
  address,
  mail,
  mailForeign,
}: BlockInput): { at: EpochMs; event: KeptLfdEvent } | null {
  if (address === null || mailForeign) return null;
  const events = ctx.store.lfdEventsOf<KeptLfdEvent>(address).filter(({ event }) => event.kind === 'blocked');
  const wanted = mail?.at ?? null;
  if (wanted === null) return events[0] ?? null;
  return events.find(({ at }) => Math.abs(at - wanted) <= 120_000) ?? events[0] ?? null;
}

/** Mail, lfd.log and csf.deny in this order: the comment in csf.deny has no tag, the others name the setting itself. */
function gatherFacts(mail: LfdMail | null, logged: LfdMessage | null, written: LfdMessage | null): Facts {
  const tellers: readonly (Facts | null)[] = [mail, logged, written];
  return {
    trigger: firstKnown(...tellers.map((one) => one?.trigger)),
    count: firstKnown(...tellers.map((one) => one?.count)),
    intervalSeconds: firstKnown(...tellers.map((one) => one?.intervalSeconds)),
  };
}

function mailTime({ mail, clock }: BlockInput): EpochMs | null {
  if (mail === null) return null;
  const byWall = mail.wallAt === null ? null : clock.zone.wallToEpoch(mail.wallAt);
  return mail.at ?? byWall;
}

function stateOf(
  { firewall, mail, address, mailForeign }: BlockInput,
  entry: PlacedEntry | null,
): BlockView['state'] {
  if (entry !== null) return entry.list === 'tempban' ? 'temporary' : 'permanent';
  const canTell = address !== null && !mailForeign && firewall.readable;
  if (canTell) return 'none';
  // Only the mail's own words remain: its address is cut out, it is of another server, or csf's lists are not here.
  if (mail?.permanent == null) return 'unknown';
  return mail.permanent ? 'permanent' : 'temporary';
}

function sourceOf(
  { mail, firewall }: BlockInput,
  entry: PlacedEntry | null,
  logged: boolean,
): BlockView['source'] {
  if (entry === null) {
    if (mail !== null && mail.kind !== 'log-lines') return 'mail';
    return logged && !firewall.readable ? 'lfd.log' : null;
  }
  if (entry.list === 'tempban') return 'tempban';
  if (entry.target.kind === 'cidr') return 'cidr';
  return entry.included ? 'include' : 'csf.deny';
}

function adviceOf(advice: string | null, logKeys: readonly string[], firewall: Firewall): Statement[] {
  const logs = logKeys.flatMap((key) => {
    const path = firewall.conf.get(key);
    return path === undefined ? [] : [`${path} (${key})`];
  });
  const read =
    logKeys.length === 0
      ? 'lfd counted connections or packets, it read no log for this.'
      : logs.length > 0
        ? `lfd read ${logs.join(' and ')} for this.`
        : `lfd read the log that ${logKeys.join(' or ')} in csf.conf names; that setting is not here.`;
  const statements: Statement[] = [
    { basis: logKeys.length === 0 || logs.length > 0 ? 'known' : 'missing', sentence: read, lines: [] },
  ];
  if (advice !== null) statements.push({ basis: 'inferred', sentence: advice, lines: [] });
  return statements;
}

function contradictions(
  input: BlockInput,
  entry: PlacedEntry | null,
  event: KeptLfdEvent | null,
  at: EpochMs | null,
): Statement[] {
  const { firewall, mail, address } = input;
  if (address === null || input.mailForeign) return mail?.inAllow === true ? [allowByMail()] : [];
  const allowed = firewall.allow.find((one) => matchesEntry(one, address));
  const found = listedElsewhere(input, address, allowed);
  if (entry !== null || !firewall.readable) return found;
  const saidPermanent = firstKnown(mail?.permanent, event?.permanent);
  if (saidPermanent === true && allowed === undefined) {
    found.push(rotatedOut({ firewall, clock: input.clock, address, mail, at }));
  }
  return [...found, ...endedEarly(input)];
}

/** csf.allow and csf.ignore overrule a block. */
function listedElsewhere(
  { firewall, mail }: BlockInput,
  address: string,
  allowed: PlacedEntry | undefined,
): Statement[] {
  const found: Statement[] = [];
  if (allowed !== undefined) {
    const sentence = `${address} is in csf.allow: a block of it does not work, whatever the mail says.`;
    found.push({ basis: 'known', sentence, lines: [allowed.ref] });
  } else if (mail?.inAllow === true) found.push(allowByMail());
  const ignored = firewall.ignore.find((one) => matchesEntry(one, address));
  if (ignored !== undefined) {
    const sentence = `${address} is in csf.ignore: lfd does not act on it since its last start.`;
    found.push({ basis: 'known', sentence, lines: [ignored.ref] });
  }
  return found;
}

/** A temporary block that the mail tells of and that is not in force any more. */
function endedEarly(input: BlockInput): Statement[] {
  const { mail, clock } = input;
  const at = mailTime(input);
  if (mail?.permanent !== false || mail.temporarySeconds === null || at === null) return [];
  const until = at + mail.temporarySeconds * 1000;
  if (until <= clock.now) {
    const end = readableTime(isoTime(clock.zone, until));
    return [{ basis: 'inferred', sentence: `The temporary block ended on ${end}.`, lines: [] }];
  }
  const why = 'it was removed by hand, or csf dropped its oldest temporary entries (DENY_TEMP_IP_LIMIT)';
  return [{ basis: 'known', sentence: `The temporary block is gone before its time: ${why}.`, lines: [] }];
}

function allowByMail(): Statement {
  return {
    basis: 'known',
    sentence: 'The mail says that the address is in csf.allow: the block may not work.',
    lines: [],
  };
}

/** Whether an entry is about an address (itself or a net that covers it) or about exactly this net. */
export function matchesEntry(entry: PlacedEntry, address: string): boolean {
  const own = entry.target.address;
  return own === address || (entry.target.kind === 'cidr' && own !== null && netCovers(own, address));
}
