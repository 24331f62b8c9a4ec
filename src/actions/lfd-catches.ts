// What lfd caught an address on besides ModSecurity, from lfd.log and from lfd's own memory of its last blocks.
import { otherService } from '../analyse/lfd-services.ts';
import type { CsfList } from '../host/csf-files.ts';
import type { EpochMs, LineRef } from '../model.ts';
import type { LfdCatch } from '../model-evidence.ts';
import { type PastBlock, parseTempipLine } from '../parse/csf-tempip.ts';
import { lookedUpName } from '../parse/lfd-lookup.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';

const COUNTED_MS = 30 * 86_400_000;
/** lfd.log and csf.tempip tell of one block with times this close. */
const SAME_MS = 120_000;

/** Blocks of csf.tempip by address. */
export type PastBlocks = ReadonlyMap<string, readonly (PastBlock & { readonly ref: LineRef })[]>;

/** Reads csf.tempip. */
export function pastBlocks({ text, path }: Pick<CsfList, 'text' | 'path'>): PastBlocks {
  const blocks: (PastBlock & { readonly ref: LineRef })[] = [];
  let offset = 0;
  for (const line of (text ?? '').split('\n')) {
    const block = parseTempipLine(line);
    if (block !== null) blocks.push({ ...block, ref: { file: path, offset } });
    offset += line.length + 1;
  }
  return Map.groupBy(blocks, ({ address }) => address);
}

/**
 * What lfd caught an address on in the 30 days up to `until`, newest first, ModSecurity left out. Null when nothing was
 * found and no lfd.log was ever read: then nobody can tell.
 */
export function lfdCatches(
  ctx: Pick<Context, 'store'>,
  past: PastBlocks,
  address: string,
  until: EpochMs,
): LfdCatch[] | null {
  const isIn = (at: EpochMs): boolean => at <= until && at >= until - COUNTED_MS;
  const logged = ctx.store.lfdEventsOf<KeptLfdEvent>(address).flatMap(({ at, event, fileId, offset }) => {
    const trigger = event.kind === 'blocked' && event.message !== null ? otherService(event.message) : null;
    const ref = trigger === null || !isIn(at) ? null : ctx.store.place(fileId, offset);
    return ref === null ? [] : [{ at, trigger, ref }];
  });
  const remembered = (past.get(address) ?? []).flatMap(({ at, message, ref }) => {
    const trigger = message === null ? null : otherService(message);
    const isKnown = logged.some((one) => one.trigger === trigger && Math.abs(one.at - at) <= SAME_MS);
    return trigger === null || !isIn(at) || isKnown ? [] : [{ at, trigger, ref }];
  });
  const all = [...logged, ...remembered].sort((a, b) => b.at - a.at);
  const isRead = ctx.store.files('lfd_log').some(({ lines }) => lines > 0);
  return all.length === 0 && !isRead ? null : all;
}

/** The host name that lfd wrote beside an address last: in lfd.log, else in csf.deny or csf.tempban; null without one. */
export function lfdNameOf(ctx: Pick<Context, 'store'>, firewall: Firewall, address: string): string | null {
  const events = ctx.store.lfdEventsOf<KeptLfdEvent>(address).map(({ event }) => event.text);
  const entries = [...firewall.deny, ...firewall.tempbans].filter(({ target }) => target.address === address);
  for (const text of [...events, ...entries.map(({ comment }) => comment)]) {
    const name = lookedUpName(text, address);
    if (name !== null) return name;
  }
  return null;
}
