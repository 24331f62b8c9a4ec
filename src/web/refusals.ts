// What was refused, for the activity: each kind for each user at most once a minute, so that nobody can flood the record.
import type { ActRecord, WebContext } from './web-context.ts';

const EVERY_MS = 60_000;
const MOST_KINDS = 1000;

/** Records refusals. */
export class Refusals {
  readonly #context: Pick<WebContext, 'clock' | 'record'>;
  /** When a kind was recorded last. */
  readonly #last = new Map<string, number>();

  constructor(context: Pick<WebContext, 'clock' | 'record'>) {
    this.#context = context;
  }

  /** Records that something was refused, unless the same was recorded for this user within a minute. */
  record(row: Omit<ActRecord, 'result'>): void {
    const kind = JSON.stringify([row.who, row.act, row.detail]);
    const now = this.#context.clock();
    if (now - (this.#last.get(kind) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    if (this.#last.size >= MOST_KINDS) this.#last.clear();
    this.#last.set(kind, now);
    this.#context.record({ ...row, result: 'refused' });
  }
}
