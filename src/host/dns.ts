// Host names of addresses by DNS, forward-confirmed: the name's own addresses must hold the address again.
import { promises as dns } from 'node:dns';
import type { ReverseName } from '../model-evidence.ts';
import { normalizeAddress } from '../parse/address.ts';
import { arpaName } from '../parse/arpa-name.ts';
import { parseHostName } from '../parse/host-name.ts';
import { errorCode } from './problems.ts';

/** Wait for one answer of one nameserver. */
const TRY_MS = 1000;
const AT_ONCE = 8;
/** Names of one address that are looked up; hostile zones may hold thousands. */
const MAX_NAMES = 5;
/** Failures in a row after which the network itself is doubted. */
const DOUBT_AFTER = 3;
const PAUSE_MS = 600_000;
/** Every resolver answers for itself on this one (RFC 6303), without asking anybody. */
const TEST_NAME = '1.0.0.127.in-addr.arpa';

/** What asks DNS. */
export interface ReverseDns {
  /**
   * Asks for the names of normalised addresses, eight at once, and stops after `limitMs`. Gives those that DNS could
   * tell something of and those it was asked for in vain (`unknown`, with the time); addresses that were not asked for,
   * because time ran out or DNS is paused, are left out. Never throws.
   */
  ask(addresses: readonly string[], limitMs: number): Promise<ReadonlyMap<string, ReverseName>>;
}

/** Asks nobody. */
export const NO_DNS: ReverseDns = { ask: () => Promise.resolve(new Map()) };

export interface DnsOptions {
  /** Nameservers as `address:port`; those of the system unless given. */
  readonly servers?: readonly string[];
  readonly tryMs?: number;
  readonly clock?: () => number;
}

/**
 * Opens what asks DNS; nothing is sent yet. It pauses for 10 minutes when there is no nameserver, the nameserver
 * refuses the connection, or three questions in a row got no answer and the resolver does not even answer for itself:
 * a zone that never answers must not stop the questions about others.
 */
export function openDns({ servers, tryMs = TRY_MS, clock = Date.now }: DnsOptions = {}): ReverseDns {
  const line = { failures: 0, pausedUntil: 0 };
  const newResolver = (): dns.Resolver => {
    const resolver = new dns.Resolver({ timeout: tryMs, tries: 1 });
    if (servers !== undefined) resolver.setServers([...servers]);
    return resolver;
  };
  const pause = (): void => {
    line.pausedUntil = clock() + PAUSE_MS;
  };
  return {
    ask: async (addresses, limitMs) => {
      const answers = new Map<string, ReverseName>();
      const resolver = newResolver();
      if (resolver.getServers().length === 0) pause();
      const waiting = [...new Set(addresses)];
      const batch = { over: false };
      const stop = (): void => {
        batch.over = true;
        resolver.cancel();
      };
      const timer = setTimeout(stop, limitMs);
      const isOpen = (): boolean => !batch.over && clock() >= line.pausedUntil;
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined && isOpen(); next = waiting.shift()) {
          const answer = await lookUp(resolver, next);
          if (batch.over) return;
          answers.set(next, { state: answer.state, name: answer.name, at: clock() });
          line.failures = answer.isSilent ? line.failures + 1 : 0;
          const isDoubtful = line.failures >= DOUBT_AFTER;
          if (isDoubtful) line.failures = 0;
          if (answer.isRefused || (isDoubtful && !(await answersForItself(newResolver())))) pause();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      clearTimeout(timer);
      return answers;
    },
  };
}

interface Answer {
  readonly state: ReverseName['state'];
  readonly name: string | null;
  /** No nameserver said anything. */
  readonly isSilent: boolean;
  /** Nobody listens where the nameserver should be. */
  readonly isRefused: boolean;
}

const NOTHING = { isSilent: false, isRefused: false };

/** PTR, then the addresses of each name; any name that leads back counts. */
async function lookUp(resolver: dns.Resolver, address: string): Promise<Answer> {
  const question = arpaName(address);
  if (question === null) return { state: 'none', name: null, ...NOTHING };
  const found = await records(() => resolver.resolvePtr(question));
  if (found.problem !== null) return { state: 'unknown', name: null, ...found.problem };
  if (found.records.length === 0) return { state: 'none', name: null, ...NOTHING };
  const names = [...new Set(found.records.flatMap((record) => parseHostName(record) ?? []))].slice(
    0,
    MAX_NAMES,
  );
  const isV6 = address.includes(':');
  let problem: Problem | null = null;
  for (const name of names) {
    const back = await records(() => (isV6 ? resolver.resolve6(name) : resolver.resolve4(name)));
    if (back.records.some((one) => normalizeAddress(one) === address))
      return { state: 'confirmed', name, ...NOTHING };
    problem ??= back.problem;
  }
  if (problem !== null) return { state: 'unknown', name: null, ...problem };
  return { state: 'mismatch', name: names[0] ?? null, ...NOTHING };
}

type Problem = Pick<Answer, 'isSilent' | 'isRefused'>;

/** Records of one question; none where the name or the type does not exist. */
async function records(
  ask: () => Promise<string[]>,
): Promise<{ readonly records: readonly string[]; readonly problem: Problem | null }> {
  try {
    return { records: await ask(), problem: null };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { records: [], problem: null };
    return {
      records: [],
      problem: { isSilent: code === 'ETIMEOUT' || code === 'EREFUSED', isRefused: code === 'ECONNREFUSED' },
    };
  }
}

async function answersForItself(resolver: dns.Resolver): Promise<boolean> {
  const { problem } = await records(() => resolver.resolvePtr(TEST_NAME));
  return problem === null;
}
