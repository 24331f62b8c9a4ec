// How the removal of old rows stands: kept in the database between two rounds, and said to the admin.
import type { EpochMs } from '../model.ts';
import type { LoginCursor, PlaceCursor, TimeCursor } from '../store/retention.ts';
import type { Context } from './context.ts';
import type { LeftoverPass } from './retention-leftovers.ts';

const KEY = 'retention';

/** Rows that were removed. */
export interface Removed {
  readonly incidents: number;
  readonly transactions: number;
  /** Lines of lfd.log and logins. */
  readonly others: number;
}

export const NOTHING: Removed = { incidents: 0, transactions: 0, others: 0 };

/** What a pass over the old rows goes through, in this order. */
export type Stage = 'incidents' | 'loose' | 'lfdEvents' | 'logins' | 'over';

/** Where a pass stands. Behind a cursor lies what is needed. */
export interface Pass {
  readonly before: EpochMs;
  /** It goes on until the limit of bytes is kept well. */
  readonly isShrinking: boolean;
  readonly stage: Stage;
  readonly incidents: TimeCursor;
  readonly loose: TimeCursor;
  readonly lfdEvents: PlaceCursor;
  readonly logins: LoginCursor;
  readonly removed: Removed;
}

/** Times are those of the machine, but `before` and `bytesBefore`, which are the logs'. */
export interface RetentionMemory {
  /** What the limit of bytes has made go: all from before this time. */
  readonly bytesBefore: EpochMs | null;
  readonly pass: Pass | null;
  readonly nextAt: number;
  readonly leftovers: LeftoverPass | null;
  readonly leftoversAt: number;
  /** Whether something went since leftovers were looked for. */
  readonly isUntidy: boolean;
  readonly last: (Removed & { readonly at: number; readonly before: EpochMs }) | null;
  /** `csf`: csf.deny could not be read; `needed`: over the limit, and all that is left is needed. */
  readonly trouble: 'csf' | 'needed' | null;
}

const FRESH: RetentionMemory = {
  bytesBefore: null,
  pass: null,
  nextAt: 0,
  leftovers: null,
  leftoversAt: 0,
  isUntidy: false,
  last: null,
  trouble: null,
};

/** What the last round left; as new when nothing, or nothing readable, was kept. */
export function readMemory({ store }: Pick<Context, 'store'>): RetentionMemory {
  const text = store.meta(KEY);
  try {
    return text === null ? FRESH : { ...FRESH, ...(JSON.parse(text) as RetentionMemory) };
  } catch {
    return FRESH;
  }
}

export function keepMemory({ store }: Pick<Context, 'store'>, memory: RetentionMemory): void {
  const text = JSON.stringify(memory);
  if (text === store.meta(KEY)) return;
  store.write(() => {
    store.setMeta(KEY, text);
  });
}

/** How much is kept, of how much that may be kept, and what went. */
export interface RetentionState {
  /** Days and bytes that are the limits; null: none. */
  readonly days: number | null;
  readonly limitBytes: number | null;
  /** What rows and indexes take; the file may be larger. */
  readonly usedBytes: number;
  readonly fileBytes: number;
  /** False for a database of an older version: its file keeps its size. */
  readonly shrinks: boolean;
  readonly oldestAt: EpochMs | null;
  readonly last: RetentionMemory['last'];
  /** When old rows are looked for again; null while it is at work. */
  readonly nextAt: number | null;
  readonly trouble: RetentionMemory['trouble'];
}

/** What pages and `doctor` say of it. Cheap. */
export function retentionState(ctx: Pick<Context, 'store' | 'retention'>): RetentionState {
  const { ageMs, bytes } = ctx.retention;
  const memory = readMemory(ctx);
  return {
    days: ageMs === null ? null : Math.round(ageMs / 86_400_000),
    limitBytes: bytes,
    ...ctx.store.file.size(),
    oldestAt: ctx.store.counts.oldestAt(),
    last: memory.last,
    nextAt: memory.pass === null ? memory.nextAt : null,
    trouble: memory.trouble,
  };
}
