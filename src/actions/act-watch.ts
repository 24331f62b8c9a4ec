// Acts that are watched until they have ended: what each looks like now, under a number of its own.

/** Ended acts that can still be looked at. */
const KEPT = 200;
const LOOK_MS = 100;

/** What is watched of an act. */
interface Watched {
  readonly state: string;
}

/** An act in work; whoever carries it out tells what it looks like. */
export interface WatchedAct<View, Order> {
  readonly order: Order;
  view: View;
}

/** Keeps acts and tells what they look like. */
export class ActWatch<View extends Watched, Order> {
  readonly #prefix: string;
  readonly #acts = new Map<string, WatchedAct<View, Order>>();
  // Not from one on at each start: a page that is still open must not show an act of somebody else.
  #next = 1 + (Math.floor(Date.now() / 1000) % 900_000_000);

  /** Numbers begin with `prefix`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes an act; `look` makes its first view from its number. */
  add(order: Order, look: (id: string) => View): WatchedAct<View, Order> {
    const id = `${this.#prefix}${this.#next++}`;
    const act = { order, view: look(id) };
    this.#acts.set(id, act);
    this.#forgetOld();
    return act;
  }

  /** An act, at most `waitMs` later when nothing is new; null for an unknown one. `pause` lets time pass. */
  async look(id: string, waitMs: number, pause: (ms: number) => Promise<void>): Promise<View | null> {
    const act = this.#acts.get(id);
    if (act === undefined) return null;
    const seen = act.view;
    const until = Date.now() + waitMs;
    while (act.view === seen && isOpen(seen) && Date.now() < until) await pause(LOOK_MS);
    return act.view;
  }

  #forgetOld(): void {
    for (const [id, { view }] of this.#acts) {
      if (this.#acts.size <= KEPT) return;
      if (!isOpen(view)) this.#acts.delete(id);
    }
  }
}

function isOpen({ state }: Watched): boolean {
  return state === 'waiting' || state === 'running';
}
