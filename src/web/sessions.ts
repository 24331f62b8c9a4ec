// Sign-in outside WHM: a token that works once, and the sessions it opened. Kept in memory only.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Idle time after which a session ends: 12 hours. */
const SESSION_IDLE_MS = 12 * 3_600_000;
const TOKEN_MIN = 32;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares two texts in constant time, whatever their lengths. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

/** One link, used once; sessions that end after 12 idle hours. */
export class LoginSessions {
  readonly #clock: () => number;
  readonly #token: string;
  #used = false;
  /** Last use (epoch ms) by the hash of the session id. */
  readonly #sessions = new Map<string, number>();

  /** Takes the token of the printed link; throws when it is too short to be a secret. */
  constructor(token: string, clock: () => number) {
    if (token.length < TOKEN_MIN)
      throw new RangeError(`a login token needs at least ${TOKEN_MIN} characters`);
    this.#token = token;
    this.#clock = clock;
  }

  /** Gives the id of a new session for the right token, the first time only; else null. */
  open(token: string): string | null {
    const isRight = sameText(token, this.#token);
    if (!isRight || this.#used) return null;
    this.#used = true;
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(digest(id).toString('hex'), this.#clock());
    return id;
  }

  /** Whether the session lives; if so its idle time starts anew. */
  touch(id: string): boolean {
    const key = digest(id).toString('hex');
    const last = this.#sessions.get(key);
    if (last === undefined) return false;
    const now = this.#clock();
    if (now - last > SESSION_IDLE_MS) {
      this.#sessions.delete(key);
      return false;
    }
    this.#sessions.set(key, now);
    return true;
  }

  /** Ends a session. */
  close(id: string): void {
    this.#sessions.delete(digest(id).toString('hex'));
  }
}
