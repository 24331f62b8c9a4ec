// The steps of a change as they happen: named, timed, written into the ledger, told to whoever watches.
import type { ChangeStep } from '../store/changes.ts';

/** A step did not go as it must; the message is a sentence. */
export class StepFailed extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'StepFailed';
  }
}

/** Told before each step and after the last one. */
export interface ActHooks {
  /** A step is about to begin; what it throws counts as the step's failure. */
  readonly before?: (name: string) => void;
  readonly now?: (text: string) => void;
}

/** Collects steps. */
export class Steps {
  readonly done: ChangeStep[] = [];
  readonly #hooks: ActHooks;
  readonly #keep: (steps: readonly ChangeStep[]) => void;

  constructor(hooks: ActHooks, keep: (steps: readonly ChangeStep[]) => void) {
    this.#hooks = hooks;
    this.#keep = keep;
  }

  /** Inside a step of many parts: the next part is about to begin. */
  part(name: string): void {
    this.#hooks.before?.(name);
  }

  /** Runs a step; its text is what the work gives. What the work throws is written down and thrown on. */
  async run(name: string, now: string, work: () => Promise<string> | string): Promise<void> {
    this.#hooks.now?.(now);
    const started = performance.now();
    const note = (ok: boolean, text: string): void => {
      this.done.push({ name, ok, text, ms: Math.round(performance.now() - started) });
      this.#keep(this.done);
    };
    try {
      this.#hooks.before?.(name);
      note(true, await work());
    } catch (error) {
      note(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
