// What lfd caught an address on besides ModSecurity, from lfd.log and from lfd's own memory of its last blocks.
import { otherService } from '../analyse/lfd-services.ts';
import type { CsfList } from '../host/csf-files.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { EpochMs, LineRef } from '../model.ts';
import type { LfdCatch } from '../model-evidence.ts';
import { type PastBlock, parseTempipLine } from '../parse/csf-tempip.ts';
import { lookedUpName } from '../parse/lfd-lookup.ts';
import type { LfdRecord } from '../store/lfd-events.ts';
import type { Context } from './context.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';

const COUNTED_MS = 30 * 86_400_000;
/** lfd.log and csf.tempip tell of one block with times this close. */
const SAME_MS = 120_000;

/** A block of csf.tempip with its place. */
export type PlacedBlock = PastBlock & { readonly ref: LineRef };

/** Reads csf.tempip; gives its blocks by address. */
export function pastBlocks({
  text,
  path,
}: Pick<CsfList, 'text' | 'path'>): ReadonlyMap<string, readonly PlacedBlock[]> {
  const blocks: PlacedBlock[] = [];
  let offset = 0;
  for (const line of (text ?? '').split('\n')) {
    const block = parseTempipLine(line);
    if (block !== null) blocks.push({ ...block, ref: { file: path, offset } });
    offset += line.length + 1;
  }
  return Map.groupBy(blocks, ({ address }) => address);
}

/** What lfd.log tells of an address, newest first. */
export type LfdHistory = readonly LfdRecord<KeptLfdEvent>[];

/**
 * What lfd caught an address on in the 30 days up to `until`, newest first, ModSecurity left out: from its lines of
 * lfd.log and its blocks of csf.tempip. Empty, too, when no lfd.log was ever read.
 */
export function lfdCatches(
  ctx: Pick<Context, 'store'>,
  history: LfdHistory,
  past: readonly PlacedBlock[],
  until: EpochMs,
): LfdCatch[] {
  const isIn = (at: EpochMs): boolean => at <= until && at >= until - COUNTED_MS;
  const logged = history.flatMap(({ at, event, fileId, offset }) => {
    const trigger = event.kind === 'blocked' && event.message !== null ? otherService(event.message) : null;
    const ref = trigger === null || !isIn(at) ? null : ctx.store.place(fileId, offset);
    return ref === null ? [] : [{ at, trigger, ref }];
  });
  const remembered = past.flatMap(({ at, message, ref }) => {
    const trigger = message === null ? null : otherService(message);
    const isKnown = logged.some((one) => one.trigger === trigger && Math.abs(one.at - at) <= SAME_MS);
    return trigger === null || !isIn(at) || isKnown ? [] : [{ at, trigger, ref }];
  });
  return [...logged, ...remembered].sort((a, b) => b.at - a.at);
}

/** A host name that lfd wrote, and the line. */
interface PrintedName {
  readonly name: string;
  readonly ref: LineRef | null;
}

/** The host name that lfd wrote beside an address last: in lfd.log, else in csf.deny or csf.tempban; null without one. */
export function lfdNameOf(
  ctx: Pick<Context, 'store'>,
  history: LfdHistory,
  entries: readonly Pick<PlacedEntry, 'comment' | 'ref'>[],
  address: string,
): PrintedName | null {
  for (const { event, fileId, offset } of history) {
    const name = lookedUpName(event.text, address);
    if (name !== null) return { name, ref: ctx.store.place(fileId, offset) };
  }
  for (const { comment, ref } of entries) {
    const name = lookedUpName(comment, address);
    if (name !== null) return { name, ref };
  }
  return null;
}
