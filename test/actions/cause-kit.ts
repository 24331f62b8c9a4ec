// Causes made by hand: what incidents did to them, as judging writes it.
import type { OpenContext } from '../../src/context.ts';
import { networkOf, visitorOf } from '../../src/analyse/others.ts';
import { recountAll } from '../../src/actions/recount-causes.ts';
import type { CauseHits } from '../../src/model-evidence.ts';
import type { VerdictLabel } from '../../src/model.ts';
import type { CauseRecord } from '../../src/store/cause-record.ts';

export const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** One incident of one address. Ordinary and refused at one form of the shop unless said. */
export interface Visit {
  readonly client: string;
  readonly from: number;
  readonly hits: readonly Partial<CauseHits>[];
  readonly label: VerdictLabel;
  readonly ordinary: 0 | 1 | 2;
  readonly hostile: boolean;
}

/** What an incident did to one cause: refused at ARGS:comment of /contact.php by 942100. */
export function causeHit(at: number, more: Partial<CauseHits> = {}): CauseHits {
  const { target = 'ARGS:comment', path = '/contact.php' } = more;
  return {
    ...{ vhost: 'shop.example.com', ruleId: '942100', target, path, targetSeen: target, pathSeen: path },
    ...{ firstAt: at, lastAt: at, hits: 1, refused: 1, decisive: 1, shaped: 0 },
    ...more,
  };
}

/** Writes incidents. */
export function visits(ctx: OpenContext, list: readonly Partial<Visit>[]): void {
  ctx.store.write(() => {
    for (const one of list) {
      const { client = '192.0.2.1', from = NOW - HOUR, label = 'false-positive' } = one;
      const { ordinary = 2, hostile = false, hits = [{}] } = one;
      ctx.store.causeHits.replace(
        { client, from },
        { visitor: visitorOf(client), network: networkOf(client), label, ordinary, hostile },
        hits.map((hit) => causeHit(from, hit)),
        [],
      );
    }
  });
}

/** Addresses of different networks: 192.0.2.n is one, so IPv6 has to do. */
export function address(number: number): string {
  return `2001:db8:${(number + 1).toString(16)}::1`;
}

const calls = new WeakMap<OpenContext, number>();

/** As many ordinary visitors at one cause, each of a network of his own; each call makes new incidents of them. */
export function crowd(
  ctx: OpenContext,
  count: number,
  hit: Partial<CauseHits> = {},
  from = NOW - HOUR,
): void {
  const call = calls.get(ctx) ?? 0;
  calls.set(ctx, call + 1);
  visits(
    ctx,
    Array.from({ length: count }, (_, index) => ({
      client: address(index),
      from: from + call * 1000,
      hits: [hit],
    })),
  );
}

/** Numbers that no cause got: those are skipped that an incident found taken. */
const MOST_GAPS = 1000;

/** Counts everything and gives all causes by their key as one text. */
export function counted(ctx: OpenContext, now = NOW): Map<string, CauseRecord> {
  recountAll(ctx, now);
  const all = new Map<string, CauseRecord>();
  for (let id = 1, gap = 0; gap < MOST_GAPS; id++) {
    const cause = ctx.store.causeList.byId(id);
    gap = cause === null ? gap + 1 : 0;
    if (cause !== null) all.set([cause.vhost, cause.ruleId, cause.target, cause.path].join(' '), cause);
  }
  return all;
}
