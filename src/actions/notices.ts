// Hears of blocks: from lfd.log as it was read, from the calls that the hook left, from csf's lists. Each block becomes one notice.
import { dropSpooled, type Spooled, spoolFolder, takeSpooled } from '../host/block-spool.ts';
import type { NewNotice } from '../model-firewall.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { JOIN_MS, joinable } from './notice-join.ts';
import { listNews } from './notice-lists.ts';
import { noticeOfCall, noticeOfEvent } from './notice-sources.ts';
import type { ServerClock } from './server.ts';

/** After a pause of the service older blocks are news for nobody. */
const LATE_MS = 86_400_000;
const CALLS_AT_ONCE = 200;
const EVENTS_AT_ONCE = 500;
/** Keys of `meta`. */
const SINCE = 'notices_since';
const CURSORS = 'notices_log';
const CALLS = 'notices_calls';
export const REFUSED_CALLS = 'notices_refused';

/**
 * Keeps a notice of every block that lfd made since the last call, each once; gives how many are new. Blocks of before the first call
 * ever are not told, nor those that are more than a day old. What was decided by hand or by another server of a cluster is no news.
 * Costs little when nothing has happened: some rows, one folder, two stats.
 */
export async function gatherNotices(ctx: Context, clock: ServerClock): Promise<number> {
  const from = Math.max(firstCall(ctx, clock), clock.now - LATE_MS);
  const lists = await listNews(ctx, clock, from);
  const spooled = takeSpooled(spoolFolder(ctx.stateDir), CALLS_AT_ONCE);
  const isNothing = spooled.calls.length === 0 && spooled.refused === 0 && lists.length === 0;
  if (isNothing && newPieces(ctx).length === 0) return 0;
  const added = ctx.store.write(() => {
    const told = [...eventNotices(ctx), ...callNotices(ctx, spooled), ...lists.flatMap((list) => list.told)];
    for (const { key, known } of lists) ctx.store.setMeta(key, known);
    return told.filter((one) => one.at >= from && isNew(ctx, one)).length;
  });
  // Only now: what a killed process leaves is known by its key.
  for (const call of spooled.calls) dropSpooled(call);
  return added;
}

/** When the service began for the first time: reading old logs may have taken it a while. lfd.log's times are whole seconds. */
function firstCall(ctx: Context, clock: ServerClock): EpochMs {
  const known = ctx.store.meta(SINCE);
  // A clock that is set back must not hide what happens until it comes there again.
  if (known !== null && Number(known) <= clock.now) return Number(known);
  const began = clock.now - (ctx.isService ? performance.now() : 0);
  const since = Math.floor(began / 1000) * 1000;
  ctx.store.write(() => {
    ctx.store.setMeta(SINCE, String(since));
  });
  return since;
}

/** Keeps it, or adds what it knows to the one that is kept; whether it is a new one. */
function isNew({ store: { firewall } }: Context, told: NewNotice): boolean {
  const around = firewall.notices.about(told.address, told.at - JOIN_MS, told.at + JOIN_MS);
  const known = joinable(around, told);
  if (known === null) firewall.notices.add(told);
  else firewall.notices.join(known.id, told);
  return known === null;
}

/** A part of an lfd.log that was read and not yet looked through. */
interface Piece {
  readonly fileId: number;
  readonly from: number;
  readonly to: number;
}

function newPieces({ store }: Context): Piece[] {
  const cursors = readCursors(store.meta(CURSORS));
  return store.files('lfd_log').flatMap(({ id, cursor }) => {
    const from = cursors.get(id) ?? 0;
    return cursor > from ? [{ fileId: id, from, to: cursor }] : [];
  });
}

function readCursors(text: string | null): Map<number, number> {
  return new Map(text === null ? [] : (JSON.parse(text) as [number, number][]));
}

/** Moves the cursors. Call inside `store.write`. */
function eventNotices(ctx: Context): NewNotice[] {
  const { store } = ctx;
  const pieces = newPieces(ctx);
  if (pieces.length === 0) return [];
  const cursors = readCursors(store.meta(CURSORS));
  const told = pieces.flatMap((piece) => {
    const events = store.firewall.notices.eventsIn<KeptLfdEvent>(piece, EVENTS_AT_ONCE);
    const last = events.length < EVENTS_AT_ONCE ? undefined : events.at(-1);
    cursors.set(piece.fileId, last === undefined ? piece.to : last.offset + 1);
    return events.flatMap((event) => noticeOfEvent(event) ?? []);
  });
  const present = new Set(store.files('lfd_log').map(({ id }) => id));
  store.setMeta(CURSORS, JSON.stringify([...cursors].filter(([id]) => present.has(id))));
  return told;
}

/** Notes which calls are kept, until their files are gone. Call inside `store.write`. */
function callNotices({ store }: Context, { calls, refused }: Spooled): NewNotice[] {
  const kept = new Set(JSON.parse(store.meta(CALLS) ?? '[]') as string[]);
  const fresh = calls.filter(({ key }) => !kept.has(key)).map(noticeOfCall);
  const odd = refused + fresh.filter((one) => one === 'refused').length;
  if (calls.length > 0) store.setMeta(CALLS, JSON.stringify(calls.map(({ key }) => key)));
  if (odd > 0) store.setMeta(REFUSED_CALLS, String(Number(store.meta(REFUSED_CALLS) ?? 0) + odd));
  return fresh.filter((one) => one !== 'refused' && one !== null);
}
