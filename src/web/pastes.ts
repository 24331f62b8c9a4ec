// Pasted mails and lines, kept in memory for a while, so that an explanation has an address for reload and back.
import { randomBytes } from 'node:crypto';

/** How long a paste is kept: 12 hours, as long as an idle session. */
const PASTE_KEEP_MS = 12 * 3_600_000;
/** All pastes together, in UTF-16 units; the oldest make room. */
const MAX_TOTAL = 8 * 1024 * 1024;

interface Paste {
  readonly text: string;
  readonly at: number;
}

/** A small memory of pasted texts under unguessable ids. Never written to disk: mails are private. */
export class Pastes {
  readonly #clock: () => number;
  readonly #kept = new Map<string, Paste>();
  #total = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Keeps a text and gives its id. */
  put(text: string): string {
    const id = randomBytes(16).toString('base64url');
    this.#kept.set(id, { text, at: this.#clock() });
    this.#total += text.length;
    this.#sweep();
    return id;
  }

  /** The text of an id, null when it is gone or was never there. */
  get(id: string): string | null {
    this.#sweep();
    return this.#kept.get(id)?.text ?? null;
  }

  #sweep(): void {
    const oldest = this.#clock() - PASTE_KEEP_MS;
    for (const [id, paste] of this.#kept) {
      if (paste.at >= oldest && this.#total <= MAX_TOTAL) break;
      this.#kept.delete(id);
      this.#total -= paste.text.length;
    }
  }
}
