// Sign-in outside WHM: links that work once, and the sessions they opened. Kept in memory only.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Idle time after which a session ends: 12 hours. */
const SESSION_IDLE_MS = 12 * 3_600_000;
const TOKEN_MIN = 32;
/** Links that wait for their first use; the oldest makes room. */
const MOST_LINKS = 20;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function keyOf(text: string): string {
  return digest(text).toString('hex');
}

/** Compares two texts in constant time, whatever their lengths. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

interface Link {
  readonly who: string;
  readonly expiresAt: number;
}

interface Session {
  readonly who: string;
  readonly lastUse: number;
}

/** Links, each used once; sessions that end after some idle time. Both are kept by their hashes. */
export class LoginSessions {
  readonly #clock: () => number;
  readonly #idleMs: number;
  readonly #links = new Map<string, Link>();
  readonly #sessions = new Map<string, Session>();

  /** Without `idleMs` a session ends after 12 idle hours. */
  constructor(clock: () => number, idleMs = SESSION_IDLE_MS) {
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** Takes the token of a link, and who signs in by it; throws a RangeError when it is too short to be a secret. */
  offer(token: string, who: string, expiresAt = Number.POSITIVE_INFINITY): void {
    if (token.length < TOKEN_MIN)
      throw new RangeError(`a login token needs at least ${TOKEN_MIN} characters`);
    this.#links.set(keyOf(token), { who, expiresAt });
    for (const key of this.#links.keys()) {
      if (this.#links.size <= MOST_LINKS) break;
      this.#links.delete(key);
    }
  }

  /** Gives a new session for a right token, the first time and within its time only; else null. Its id is never taken from a request. */
  open(token: string): { readonly id: string; readonly who: string } | null {
    const key = keyOf(token);
    const link = this.#links.get(key);
    this.#links.delete(key);
    if (link === undefined || this.#clock() > link.expiresAt) return null;
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(keyOf(id), { who: link.who, lastUse: this.#clock() });
    return { id, who: link.who };
  }

  /** Whose session it is when it lives, and its idle time starts anew; else null. */
  touch(id: string): string | null {
    const key = keyOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return null;
    if (!this.#isAlive(session)) {
      this.#sessions.delete(key);
      return null;
    }
    this.#sessions.set(key, { ...session, lastUse: this.#clock() });
    return session.who;
  }

  /** Ends a session. */
  close(id: string): void {
    this.#sessions.delete(keyOf(id));
  }

  /** Whether anybody can still use this: a session that lives, or a link that works. */
  get isWanted(): boolean {
    const now = this.#clock();
    return (
      [...this.#sessions.values()].some((session) => this.#isAlive(session)) ||
      [...this.#links.values()].some((link) => now <= link.expiresAt)
    );
  }

  #isAlive({ lastUse }: Session): boolean {
    return this.#clock() - lastUse <= this.#idleMs;
  }
}
