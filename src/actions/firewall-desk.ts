// The queue of acts on the firewall of the service: one at a time, each watched until it has ended.
import type { Context } from './context.ts';
import { carryOutFirewall, type FirewallOrder } from './firewall-act.ts';
import type { FirewallActView } from './firewall-view.ts';

/** Ended acts that can still be looked at. */
const KEPT = 200;
const LOOK_MS = 100;

interface Entry {
  readonly order: FirewallOrder;
  view: FirewallActView;
}

/** Takes orders, carries them out one after the other, tells how far they are. */
export class FirewallDesk {
  readonly #context: () => Context;
  readonly #entries = new Map<string, Entry>();
  #last: Promise<void> = Promise.resolve();
  // Not from one on at each start: a page that is still open must not show an act of somebody else.
  #next = 1 + (Math.floor(Date.now() / 1000) % 900_000_000);

  /** `context` is asked for at each act: a damaged database is opened anew. */
  constructor(context: () => Context) {
    this.#context = context;
  }

  /** Puts an order into the queue; gives what it looks like now. */
  submit(order: FirewallOrder): FirewallActView {
    const id = `f${this.#next++}`;
    const view: FirewallActView = {
      id,
      state: 'waiting',
      act: order.act,
      target: order.target,
      now: 'Waiting for its turn',
      steps: [],
      sentence: null,
      ledgerId: null,
    };
    const entry: Entry = { order, view };
    this.#entries.set(id, entry);
    this.#forgetOld();
    this.#last = this.#last.then(() => this.#carry(entry));
    return view;
  }

  /** An act, at most `waitMs` later when nothing is new; null for an unknown one. */
  async look(id: string, waitMs: number): Promise<FirewallActView | null> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    const seen = entry.view;
    const until = Date.now() + waitMs;
    while (entry.view === seen && isOpen(seen) && Date.now() < until)
      await this.#context().host.acts.pause(LOOK_MS);
    return entry.view;
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

  #forgetOld(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (!isOpen(entry.view)) this.#entries.delete(id);
    }
  }
}

function isOpen({ state }: FirewallActView): boolean {
  return state === 'waiting' || state === 'running';
}
