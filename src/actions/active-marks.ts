// Which marks hold for an address: one query for many addresses, or one for one.
import { normalizeNet } from '../parse/address.ts';
import type { KnownClient, Mark } from '../model-evidence.ts';
import type { KeptMark } from '../store/marks.ts';
import type { Context } from './context.ts';
import { knownWords } from './mark-words.ts';

/** The widest nets that can be marked. */
export const WIDEST = { ipv4: 16, ipv6: 32 } as const;

function bitsOf(address: string): { readonly widest: number; readonly all: number } {
  return address.includes(':') ? { widest: WIDEST.ipv6, all: 128 } : { widest: WIDEST.ipv4, all: 32 };
}

/** The address or net itself and all nets around it that could be marked. */
function namesAround(subject: string): string[] {
  const [address = '', own] = subject.split('/');
  const { widest, all } = bitsOf(address);
  const names = [subject];
  for (let bits = Math.min(all, Number(own ?? all)) - 1; bits >= widest; bits--) {
    const net = normalizeNet(`${address}/${bits}`);
    if (net !== null) names.push(net);
  }
  return names;
}

/** Marks that hold for a normalised address or net, newest first: those of wider nets too. */
export function marksOn(ctx: Pick<Context, 'store'>, subject: string): KeptMark[] {
  return ctx.store.marks.activeAbout(namesAround(subject));
}

/** Why an address is known by the admin's word. A false alarm makes nobody known: it says what a rule did, not who came. */
export function knownByMark(ctx: Pick<Context, 'store'>, address: string): KnownClient[] {
  return marksOn(ctx, address)
    .filter(({ kind }) => kind !== 'false-alarm')
    .map((mark) => ({ source: 'mark', words: knownWords(mark), ref: null }));
}

/** Lengths of nets by family: few, so a client costs few look-ups. */
interface NetLengths {
  readonly ipv4: ReadonlySet<string>;
  readonly ipv6: ReadonlySet<string>;
}

function netLengths(nets: readonly string[]): NetLengths {
  const lengths = (isV6: boolean): Set<string> =>
    new Set(nets.filter((net) => net.includes(':') === isV6).map((net) => net.split('/')[1] ?? ''));
  return { ipv4: lengths(false), ipv6: lengths(true) };
}

/** As normalizeNet says it, for a normalised address and 1 to 31 bits; a list asks this for each of its rows. */
function netOfIpv4(client: string, bits: number): string {
  const value = client.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const net = (value & (-1 << (32 - bits))) >>> 0;
  return `${net >>> 24}.${(net >>> 16) & 255}.${(net >>> 8) & 255}.${net & 255}/${bits}`;
}

/** The nets of these lengths around a normalised address. */
function netsOf(client: string, { ipv4, ipv6 }: NetLengths): string[] {
  if (client.includes(':')) return [...ipv6].flatMap((bits) => normalizeNet(`${client}/${bits}`) ?? []);
  return ipv4.size === 0 ? [] : [...ipv4].map((bits) => netOfIpv4(client, Number(bits)));
}

/** Marks of addresses that hold, read once for a list of many addresses. */
export class ActiveMarks {
  readonly #byName: ReadonlyMap<string, readonly Mark[]>;
  readonly #lengths: NetLengths;

  constructor(ctx: Pick<Context, 'store'>) {
    this.#byName = Map.groupBy(ctx.store.marks.active('address'), ({ about }) => about);
    this.#lengths = netLengths([...this.#byName.keys()].filter((name) => name.includes('/')));
  }

  /** Those that hold for a normalised address, newest first. */
  of(client: string): readonly Mark[] {
    if (this.#byName.size === 0) return [];
    return [client, ...netsOf(client, this.#lengths)]
      .flatMap((name) => this.#byName.get(name) ?? [])
      .sort((a, b) => b.id - a.id);
  }
}

/** For each of these addresses and nets the addresses with incidents that it stands for. Nets cost one pass over all. */
export function membersOf(
  ctx: Pick<Context, 'store'>,
  names: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const nets = names.filter((name) => name.includes('/'));
  const members = new Map<string, string[]>(names.map((name) => [name, nets.includes(name) ? [] : [name]]));
  if (nets.length === 0) return members;
  const bits = netLengths(nets);
  for (const client of ctx.store.incidents.clients())
    for (const net of netsOf(client, bits)) members.get(net)?.push(client);
  return members;
}
