// The queue of acts of the service: one change at a time, and what waits meanwhile joins the next one, so that many acts
// cost one reload.
import { carryOut } from './act.ts';
import type { ActHead, Intent } from './act-plan.ts';
import { ActWatch, type WatchedAct } from './act-watch.ts';
import type { Context } from './context.ts';
import { changeSentence, changeView } from './exclusion-list.ts';
import type { ActView } from './exclusion-view.ts';
import { readZone } from './server.ts';

/** Those that are asked for within so long go together. */
const GATHER_MS = 100;

/** An act that was checked and waits for its turn. */
export interface Order {
  readonly head: ActHead;
  readonly intents: readonly Intent[];
}

const NOTHING: Order = { head: { act: 'edit', who: '', reason: '' }, intents: [] };

type Entry = WatchedAct<ActView, Order>;

/** Takes orders, carries them out, tells how far they are. */
export class ActDesk {
  readonly #context: () => Context;
  readonly #watch = new ActWatch<ActView, Order>('');
  #waiting: Entry[] = [];
  #working: Promise<void> | null = null;

  /** `context` is asked for at each change: a damaged database is opened anew. */
  constructor(context: () => Context) {
    this.#context = context;
  }

  /** Puts an order into the queue; gives what it looks like now. */
  submit(order: Order): ActView {
    const entry = this.#watch.add(order, (id) => ({
      ...{ id, state: 'waiting', now: 'Waiting for its turn', change: null, sentence: null },
      exclusionIds: [],
    }));
    this.#waiting.push(entry);
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
    return entry.view;
  }

  /** An act that needed no change of files: it has ended already. */
  note(sentence: string): ActView {
    return this.#watch.add(NOTHING, (id) => ({
      ...{ id, state: 'done', now: '', change: null, sentence, exclusionIds: [] },
    })).view;
  }

  /** An act, at most `waitMs` later when nothing is new; null for an unknown one. */
  async look(id: string, waitMs: number): Promise<ActView | null> {
    return this.#watch.look(id, waitMs, (ms) => this.#context().host.acts.pause(ms));
  }

  /** Waits until nothing is at work. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#together(batch);
    }
  }

  /** A database that cannot be opened ends the change, not the queue. */
  async #gather(): Promise<void> {
    try {
      await this.#context().host.acts.pause(GATHER_MS);
    } catch {
      // The change itself says so.
    }
  }

  /** All in one change; when that fails, each by itself, so that one bad order does not keep the others out. */
  async #together(batch: readonly Entry[]): Promise<void> {
    const worked = await this.#carry(batch);
    if (worked || batch.length === 1) return;
    for (const entry of batch) await this.#carry([entry]);
  }

  async #carry(batch: readonly Entry[]): Promise<boolean> {
    const tell = (change: Partial<ActView>): void => {
      for (const entry of batch) entry.view = { ...entry.view, ...change };
    };
    tell({ state: 'running', now: 'Starting' });
    try {
      const ctx = this.#context();
      const change = await carryOut(
        ctx,
        headOf(batch),
        batch.flatMap(({ order }) => order.intents),
        {
          now: (now) => {
            tell({ now });
          },
        },
      );
      const view = changeView(change, await readZone(ctx), false);
      const state = view.state === 'done' ? 'done' : 'failed';
      tell({ state, now: '', change: view, sentence: changeSentence(view), exclusionIds: view.exclusions });
      return state === 'done';
    } catch (error) {
      tell({ state: 'failed', now: '', sentence: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }
}

function headOf(batch: readonly Entry[]): ActHead {
  const heads = batch.map(({ order }) => order.head);
  const acts = new Set(heads.map(({ act }) => act));
  const list = (texts: readonly string[]): string => [...new Set(texts)].slice(0, 10).join('; ');
  return {
    act: acts.size === 1 ? (heads[0]?.act ?? 'apply') : 'edit',
    who: list(heads.map(({ who }) => who)),
    reason: list(heads.map(({ reason }) => reason)),
  };
}
