// The queue of acts on the firewall of the service: one at a time, each watched until it has ended.
import { ActWatch, type WatchedAct } from './act-watch.ts';
import type { Context } from './context.ts';
import { carryOutFirewall, type FirewallOrder } from './firewall-act.ts';
import type { FirewallActView } from './firewall-view.ts';

type Entry = WatchedAct<FirewallActView, FirewallOrder>;

/** Takes orders, carries them out one after the other, tells how far they are. */
export class FirewallDesk {
  readonly #context: () => Context;
  readonly #watch = new ActWatch<FirewallActView, FirewallOrder>('f');
  #last: Promise<void> = Promise.resolve();

  /** `context` is asked for at each act: a damaged database is opened anew. */
  constructor(context: () => Context) {
    this.#context = context;
  }

  /** Puts an order into the queue; gives what it looks like now. */
  submit(order: FirewallOrder): FirewallActView {
    const { act, target } = order;
    const entry = this.#watch.add(order, (id) => ({
      ...{ id, state: 'waiting', act, target, now: 'Waiting for its turn', steps: [], sentence: null },
      ledgerId: null,
    }));
    this.#last = this.#last.then(() => this.#carry(entry));
    return entry.view;
  }

  /** An act, at most `waitMs` later when nothing is new; null for an unknown one. */
  async look(id: string, waitMs: number): Promise<FirewallActView | null> {
    return this.#watch.look(id, waitMs, (ms) => this.#context().host.acts.pause(ms));
  }

  /** Waits until nothing is at work. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #carry(entry: Entry): Promise<void> {
    const tell = (change: Partial<FirewallActView>): void => {
      entry.view = { ...entry.view, ...change };
    };
    tell({ state: 'running', now: 'Starting' });
    // A database that cannot be opened ends this act alone: the next ones must not wait behind it for ever.
    try {
      const ctx = this.#context();
      const steps = (id: number | null): Pick<FirewallActView, 'steps'> => ({
        steps: (id === null ? null : ctx.store.firewall.acts.byId(id))?.steps ?? [],
      });
      const act = await carryOutFirewall(ctx, entry.order, {
        now: (now) => {
          tell({ now, ...steps(entry.view.ledgerId) });
        },
        began: (ledgerId) => {
          tell({ ledgerId });
        },
      });
      tell({ state: act.state, now: '', steps: act.steps, sentence: act.sentence });
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      const isRefused = error instanceof Error && error.name === 'Refused';
      tell({ state: isRefused ? 'refused' : 'failed', now: '', sentence });
    }
  }
}
