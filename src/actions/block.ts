// The block: where the firewall holds an address, since when and until when, by which trigger, and what contradicts.
import { netCovers, normalizeNet } from '../parse/address.ts';
import type { EpochMs, LfdMessage, PlacedEntry } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { Context } from './context.ts';
import type { BlockView, Statement } from './explanation.ts';
import { entryTime, type Firewall } from './firewall.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { isoTime, readableTime } from './iso-time.ts';
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
  readonly message: LfdMessage | null;
  readonly trigger: string | null;
  readonly count: number | null;
  readonly intervalSeconds: number | null;
}

/** Looks an address up in csf's files, lfd.log and the mail, and says how they agree. */
export function findBlock(input: BlockInput): FoundBlock {
  const { firewall, address, clock } = input;
  const entry = address === null || input.mailForeign ? null : findEntry(firewall, address, clock.now);
  const event = lastBlockEvent(input);
  const facts = gatherFacts(input, entry, event?.event.message ?? null);
  const since = (entry === null ? null : entryTime(entry, clock)) ?? event?.at ?? mailTime(input) ?? null;
  const state = stateOf(input, entry);
  const temporary = entry?.ttlSeconds ?? input.mail?.temporarySeconds ?? null;
  const until = state === 'temporary' && since !== null && temporary !== null ? since + temporary * 1000 : null;
  const info = triggerInfo(facts.trigger);
  const notWaf = info !== null && !info.waf;
  const view: BlockView = {
    state,
    source: sourceOf(input, entry, event !== null),
    address: entry?.target.address ?? address,
    since: since === null ? null : isoTime(clock.zone, since),
    until: until === null ? null : isoTime(clock.zone, until),
    trigger: facts.trigger,
    triggerWords: triggerWords(facts.trigger, facts.count, facts.intervalSeconds),
    count: facts.count,
    intervalSeconds: facts.intervalSeconds,
    line: entry?.text ?? null,
    ref: entry?.ref ?? null,
    covers: entry === null ? null : coverWords(entry),
    settings: settingsOf(facts.trigger, firewall),
    notWaf,
    advice: notWaf ? adviceOf(info.advice, info.logKeys, firewall) : [],
    contradictions: contradictions(input, entry, event?.event ?? null),
  };
  return { view, at: since, intervalMs: (facts.intervalSeconds ?? 3600) * 1000 };
}

/** The entry that blocks the address now: its own line, a temporary ban that runs, else a net that covers it. */
export function findEntry(firewall: Firewall, address: string, now: EpochMs): PlacedEntry | null {
  const own = firewall.deny.filter((entry) => entry.target.address === address && entry.target.direction !== 'out');
  const plain = own.find((entry) => entry.target.kind !== 'advanced') ?? own[0];
  if (plain !== undefined) return plain;
  const running = firewall.tempbans
    .filter((entry) => entry.target.address === address && (entry.sinceEpoch ?? 0) + (entry.ttlSeconds ?? 0) * 1000 > now)
    .sort((a, b) => (b.sinceEpoch ?? 0) - (a.sinceEpoch ?? 0))[0];
  if (running !== undefined) return running;
  return coveringNet(firewall.deny, address);
}

function coveringNet(entries: readonly PlacedEntry[], address: string): PlacedEntry | null {
  const isNet = normalizeNet(address) !== null;
  const covers = (entry: PlacedEntry): boolean =>
    entry.target.kind === 'cidr' && entry.target.address !== null && !isNet && netCovers(entry.target.address, address);
  return entries.find(covers) ?? null;
}

function lastBlockEvent({ ctx, address, mail, mailForeign }: BlockInput): { at: EpochMs; event: KeptLfdEvent } | null {
  if (address === null || mailForeign) return null;
  const events = ctx.store.lfdEventsOf<KeptLfdEvent>(address).filter(({ event }) => event.kind === 'blocked');
  const wanted = mail?.at ?? null;
  if (wanted === null) return events[0] ?? null;
  return events.find(({ at }) => Math.abs(at - wanted) <= 120_000) ?? events[0] ?? null;
}

function gatherFacts({ mail }: BlockInput, entry: PlacedEntry | null, logged: LfdMessage | null): Facts {
  const written = entry?.message ?? null;
  return {
    message: written ?? logged,
    // The comment in csf.deny has no tag; lfd.log and the mail name the setting itself.
    trigger: mail?.trigger ?? logged?.trigger ?? written?.trigger ?? null,
    count: mail?.count ?? logged?.count ?? written?.count ?? null,
    intervalSeconds: mail?.intervalSeconds ?? logged?.intervalSeconds ?? written?.intervalSeconds ?? null,
  };
}

function mailTime({ mail, clock }: BlockInput): EpochMs | null {
  if (mail === null) return null;
  return mail.at ?? (mail.wallAt === null ? null : clock.zone.wallToEpoch(mail.wallAt));
}

function stateOf({ firewall, mail, address, mailForeign }: BlockInput, entry: PlacedEntry | null): BlockView['state'] {
  if (entry !== null) return entry.list === 'tempban' ? 'temporary' : 'permanent';
  const said = mail?.permanent === true ? 'permanent' : mail?.permanent === false ? 'temporary' : 'unknown';
  // Without the address, or with a mail of another server, only the mail's own words remain.
  if (address === null || mailForeign || firewall.deny.length + firewall.tempbans.length === 0) {
    return mail === null ? (firewall.readable ? 'none' : 'unknown') : said;
  }
  return firewall.readable ? 'none' : said;
}

function sourceOf({ mail, firewall }: BlockInput, entry: PlacedEntry | null, logged: boolean): BlockView['source'] {
  if (entry === null) return mail !== null && mail.kind !== 'log-lines' ? 'mail' : logged && !firewall.readable ? 'lfd.log' : null;
  if (entry.list === 'tempban') return 'tempban';
  if (entry.target.kind === 'cidr') return 'cidr';
  return entry.included ? 'include' : 'csf.deny';
}

function coverWords(entry: PlacedEntry): string {
  const ports = entry.target.ports === null ? 'all ports' : `ports ${entry.target.ports}`;
  const ways = { in: 'incoming', out: 'outgoing', inout: 'both ways' }[entry.target.direction];
  return `${ports}, ${ways}`;
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
  const statements: Statement[] = [{ basis: logKeys.length === 0 || logs.length > 0 ? 'known' : 'missing', sentence: read, lines: [] }];
  if (advice !== null) statements.push({ basis: 'inferred', sentence: advice, lines: [] });
  statements.push({ basis: 'known', sentence: 'ModSecurity had no part in this block: no rule has to be changed.', lines: [] });
  return statements;
}

function contradictions(input: BlockInput, entry: PlacedEntry | null, event: KeptLfdEvent | null): Statement[] {
  const { firewall, mail, address, clock } = input;
  if (address === null || input.mailForeign) return mail?.inAllow === true ? [allowByMail()] : [];
  const found: Statement[] = [];
  const allowed = firewall.allow.find((one) => matchesEntry(one, address));
  if (allowed !== undefined) {
    found.push({ basis: 'known', sentence: `${address} is in csf.allow: a block of it does not work, whatever the mail says.`, lines: [allowed.ref] });
  } else if (mail?.inAllow === true) found.push(allowByMail());
  const ignored = firewall.ignore.find((one) => matchesEntry(one, address));
  if (ignored !== undefined) {
    found.push({ basis: 'known', sentence: `${address} is in csf.ignore: lfd does not act on it since its last start.`, lines: [ignored.ref] });
  }
  const saidPermanent = mail?.permanent ?? event?.permanent ?? null;
  if (entry === null && firewall.readable && saidPermanent === true && allowed === undefined) {
    found.push(rotatedOut(firewall, address, mail !== null));
  }
  const until = mail === null || mail.temporarySeconds === null ? null : (mailTime(input) ?? 0) + mail.temporarySeconds * 1000;
  if (entry === null && until !== null && mail?.permanent === false) {
    const ended = until <= clock.now;
    found.push({
      basis: ended ? 'inferred' : 'known',
      sentence: ended
        ? `The temporary block ended on ${readableTime(isoTime(clock.zone, until))}.`
        : 'The temporary block is gone before its time: it was removed by hand, or csf dropped its oldest temporary entries (DENY_TEMP_IP_LIMIT).',
      lines: [],
    });
  }
  return found;
}

function allowByMail(): Statement {
  return { basis: 'known', sentence: 'The mail says that the address is in csf.allow: the block may not work.', lines: [] };
}

/** Whether an entry is about an address (itself or a net that covers it) or about exactly this net. */
export function matchesEntry(entry: PlacedEntry, address: string): boolean {
  const own = entry.target.address;
  return own === address || (entry.target.kind === 'cidr' && own !== null && netCovers(own, address));
}

function rotatedOut(firewall: Firewall, address: string, fromMail: boolean): Statement {
  const limit = firewall.conf.get('DENY_IP_LIMIT');
  const who = fromMail ? 'The mail' : 'lfd.log';
  const why =
    limit === undefined || limit === '0'
      ? 'somebody has removed it since'
      : `somebody has removed it, or it was rotated out: csf.deny keeps ${limit} addresses (DENY_IP_LIMIT) and drops the oldest`;
  return {
    basis: 'inferred',
    sentence: `${who} says "permanent", but ${address} is not in csf.deny any more: ${why}.`,
    lines: [],
  };
}
