// Long work one piece at a time, so that what is short does not wait for all of it.

/** Whoever waits for its turn goes on in a round of the event loop of its own, in the order of asking. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn: what it then does without waiting delays others only by itself. */
  next(): Promise<void> {
    this.#last = this.#last.then(
      () =>
        new Promise((resolve) => {
          setImmediate(resolve);
        }),
    );
    return this.#last;
  }
}
