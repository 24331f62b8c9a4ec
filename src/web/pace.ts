// Costly pages: so many a minute for each user, all at once or one by one, and a page that says when there are more.
import { WebProblem } from './problems.ts';

const MINUTE_MS = 60_000;
/** Users whose buckets are kept; one that is full again is forgotten first, then the one that was used longest ago. */
const MOST_USERS = 1000;

/** Too many costly pages; says when the next one can be made. */
export class TooOften extends WebProblem {
  readonly retryAfterSeconds: number;

  constructor(seconds: number) {
    super(
      429,
      `Searches, previews, pasted texts and exports keep the server busy, and you asked for many of them within a minute. The next one can be made in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}. Everything else goes on.`,
    );
    this.retryAfterSeconds = seconds;
  }
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** A token bucket for each user: as large as what flows in within a minute. */
export class Pace {
  readonly #clock: () => number;
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: () => number, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Takes one from a user's bucket; throws TooOften when it is empty. */
  spend(who: string): void {
    const at = this.#clock();
    const left = this.#leftOf(who, at);
    if (left < 1) throw new TooOften(Math.ceil(((1 - left) * MINUTE_MS) / this.#perMinute / 1000));
    // Taken out and put in again: the map is in the order of the last use.
    this.#buckets.delete(who);
    this.#buckets.set(who, { left: left - 1, at });
    if (this.#buckets.size > MOST_USERS) this.#forgetFull(at);
  }

  #leftOf(who: string, now: number): number {
    const bucket = this.#buckets.get(who);
    if (bucket === undefined) return this.#perMinute;
    // A clock that was set back gives nothing and takes nothing.
    const since = Math.max(0, now - bucket.at);
    return Math.min(this.#perMinute, bucket.left + (since * this.#perMinute) / MINUTE_MS);
  }

  #forgetFull(now: number): void {
    for (const who of [...this.#buckets.keys()])
      if (this.#leftOf(who, now) >= this.#perMinute) this.#buckets.delete(who);
    for (const who of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_USERS) break;
      this.#buckets.delete(who);
    }
  }
}
