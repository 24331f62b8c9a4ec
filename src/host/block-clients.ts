// The clients of a run of log lines, put into a block's filter: on bytes for IPv4, by the parsers for the rest.
import { accessLineClient } from '../parse/access-log.ts';
import { clientAddress } from '../parse/client-address.ts';
import type { FilterColumn } from './block-filter.ts';
import { addClient, hashBytes, hashClient, hashDotted, newHash } from './block-filter.ts';

const NEWLINE = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;
const CLOSE = 0x5d;
/** The client lies in the first words: at most 512 bytes, then an address of at most 45. */
const FIRST_WORDS = 600;
const MAX_CLIENT = 512;

/** Puts the clients of the lines in `run` (whole lines, but for a last one that may be cut) into a filter. */
export type ClientScanner = (run: Buffer, column: FilterColumn) => void;

/** What reads the clients of a kind of log. */
export function clientScanner(kind: 'access' | 'error'): ClientScanner {
  return kind === 'access' ? scanAccessLines : scanErrorLines;
}

const hash = newHash();

function scanAccessLines(run: Buffer, column: FilterColumn): void {
  let at = 0;
  while (at < run.length) {
    const newline = run.indexOf(NEWLINE, at);
    const end = newline < 0 ? run.length : newline;
    const stop = hashDotted(run, at, end, hash);
    if (isFirstWord(run, at, stop) || known.hashOf(run, at, end)) addClient(column, hash);
    at = end + 1;
  }
}

/** Whether the client ends at `stop` for certain: a blank, an ident of one byte, a blank. */
function isFirstWord(run: Buffer, from: number, stop: number): boolean {
  return (
    run[stop] === BLANK &&
    run[stop + 2] === BLANK &&
    run[stop + 1] !== BLANK &&
    run[stop + 1] !== NEWLINE &&
    stop > from &&
    stop - from <= MAX_CLIENT
  );
}

const SLOTS = 4096;
const SLOT_BYTES = 96;

/** Clients read before, by the bytes of a line's first two words; a slot is taken by whoever comes last. */
class KnownClients {
  readonly #words = new Uint8Array(SLOTS * SLOT_BYTES);
  /** 0: an empty slot. */
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #hashes = new Int32Array(SLOTS * 2);
  readonly #hasClient = new Uint8Array(SLOTS);

  /** Fills `hash` for the line's client, which `accessLineClient` reads; false when it has none. */
  hashOf(run: Buffer, from: number, end: number): boolean {
    const limit = Math.min(end, from + FIRST_WORDS);
    const first = blankIn(run, from, limit);
    if (first < 0) return false;
    const second = blankIn(run, first + 1, limit);
    if (second < 0 || second - from > SLOT_BYTES) {
      // A cut line gets a blank: a second word as long as this is no address.
      return hashLine(run.toString('latin1', from, limit) + (limit < end ? ' ' : ''));
    }
    hashBytes(run, from, second, hash);
    const slot = (hash[0] ?? 0) & (SLOTS - 1);
    if (!this.#isAt(slot, run, { from, to: second })) this.#put(slot, run, { from, to: second });
    hash[0] = this.#hashes[slot * 2] ?? 0;
    hash[1] = this.#hashes[slot * 2 + 1] ?? 0;
    return this.#hasClient[slot] === 1;
  }

  #isAt(slot: number, run: Buffer, { from, to }: { readonly from: number; readonly to: number }): boolean {
    if (this.#lengths[slot] !== to - from) return false;
    const base = slot * SLOT_BYTES - from;
    for (let at = from; at < to; at++) if (this.#words[base + at] !== run[at]) return false;
    return true;
  }

  #put(slot: number, run: Buffer, { from, to }: { readonly from: number; readonly to: number }): void {
    this.#hasClient[slot] = hashLine(`${run.toString('latin1', from, to)} `) ? 1 : 0;
    this.#hashes.set(hash, slot * 2);
    this.#words.set(run.subarray(from, to), slot * SLOT_BYTES);
    this.#lengths[slot] = to - from;
  }
}

/** For all logs: what the words say depends on nothing else. */
const known = new KnownClients();

function blankIn(run: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (run[at] === BLANK) return at;
  return -1;
}

function hashLine(line: string): boolean {
  const client = accessLineClient(line);
  if (client === null) return false;
  hashClient(client, hash);
  return true;
}

const MARKS = [Buffer.from('[client '), Buffer.from('[remote ')];
const MARK_BYTES = 8;
const OPEN = 0x5b;
const DOT = 0x2e;
/** Apache's client stands near the beginning; further on a line is looked through only when it was not there. */
const NEAR = 512;
const MAX_TOKEN = 64;

/**
 * The first `[client …]` or `[remote …]` of a line counts, which Apache writes before any text of a visitor, and
 * those that follow it directly, as ModSecurity's own does.
 */
function scanErrorLines(run: Buffer, column: FilterColumn): void {
  let at = 0;
  while (at < run.length) {
    const newline = run.indexOf(NEWLINE, at);
    const end = newline < 0 ? run.length : newline;
    let mark = nearMark(run, at, Math.min(end, at + NEAR));
    if (mark < 0 && end - at > NEAR) mark = farMark(run.subarray(0, end), at);
    while (mark >= 0) mark = addMarked(run, { from: mark + MARK_BYTES, end }, column);
    at = end + 1;
  }
}

function nearMark(run: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (run[at] === OPEN && isMark(run, at)) return at;
  return -1;
}

/** As numbers: comparing buffers costs more than all else that is done for a line. */
const HALVES = MARKS.map((mark) => [mark.readInt32LE(0), mark.readInt32LE(4)] as const);

function isMark(run: Buffer, at: number): boolean {
  if (run[at + MARK_BYTES - 1] !== BLANK || at + MARK_BYTES > run.length) return false;
  const low = run.readInt32LE(at);
  const high = run.readInt32LE(at + 4);
  for (const [first, second] of HALVES) if (low === first && high === second) return true;
  return false;
}

function farMark(line: Buffer, from: number): number {
  const found = MARKS.map((mark) => line.indexOf(mark, from)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Adds the client behind a mark; gives the mark that follows directly, or -1. */
function addMarked(
  run: Buffer,
  { from, end }: { readonly from: number; readonly end: number },
  column: FilterColumn,
): number {
  const stop = hashDotted(run, from, end, hash);
  const dot = run[from + 1] === DOT ? 1 : run[from + 2] === DOT ? 2 : 3;
  const isDotted = run[from + dot] === DOT && from + dot < stop;
  if (isDotted && (run[stop] === COLON || run[stop] === CLOSE)) addClient(column, hash);
  else addOthers(run.toString('latin1', from, Math.min(end, from + MAX_TOKEN)), column);
  const limit = Math.min(end, from + MAX_TOKEN);
  let close = Math.max(stop, from);
  while (close < limit && run[close] !== BLANK) close++;
  return run[close - 1] === CLOSE && isMark(run, close + 1) ? close + 1 : -1;
}

/** IPv6: with a port or without, in brackets or not; where both readings are addresses both count. */
function addOthers(text: string, column: FilterColumn): void {
  for (const end of new Set([text.indexOf(']'), text.indexOf('] ')])) {
    if (end < 0) continue;
    const token = text.slice(0, end);
    const withoutPort = token.replace(/:\d{1,5}$/, '');
    // A last group of five digits is a port for certain.
    const readings = /:\d{5}$/.test(token) ? [withoutPort] : [token, withoutPort];
    for (const reading of readings) addAddress(reading.replace(/^\[(.*)\]$/, '$1'), column);
  }
}

function addAddress(text: string, column: FilterColumn): void {
  const address = clientAddress(text);
  if (address === null) return;
  hashClient(address, hash);
  addClient(column, hash);
}
