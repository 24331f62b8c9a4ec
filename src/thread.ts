// Questions and answers over the border of a thread: one side asks by name and gets a promise, the other answers.
import { Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';

/** What can be asked, by name: arguments and answer are plain data. */
export type Questions = Readonly<
  Record<string, { readonly args: readonly unknown[]; readonly answer: unknown }>
>;

export type Answers<Asked extends Questions> = {
  readonly [Name in keyof Asked]: (...args: Asked[Name]['args']) => Promise<Asked[Name]['answer']>;
};

interface Ask {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What is left of a failure: classes do not cross the thread's border. `field`: see BadInput. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly field: string | null;
}

type Reply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: Failure };

/** Answers the questions that come in at a port; each failure goes back as name and message. */
export function answerQuestions<Asked extends Questions>(port: MessagePort, answers: Answers<Asked>): void {
  port.on('message', ({ id, name, args }: Ask) => {
    const answer = answers[name] as ((...given: readonly unknown[]) => Promise<unknown>) | undefined;
    const asked = answer === undefined ? Promise.reject(new Error(`no question ${name}`)) : answer(...args);
    asked.then(
      (value) => {
        port.postMessage({ id, value } satisfies Reply);
      },
      (error: unknown) => {
        port.postMessage({ id, error: failureOf(error) } satisfies Reply);
      },
    );
  });
}

function failureOf(error: unknown): Failure {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const field = error instanceof Error && 'field' in error ? error.field : null;
  return { name, message, field: typeof field === 'string' ? field : null };
}

export interface ThreadOptions {
  readonly script: URL;
  readonly data: unknown;
  readonly limits: ResourceLimits;
  /** Told when the thread dies by itself; questions are then refused with the same error. */
  readonly onEnd: (error: Error) => void;
}

/** Starts a thread and passes questions to it, each with its own answer. */
export class Thread<Asked extends Questions> {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #next = 1;
  #ended: Error | null = null;

  constructor({ script, data, limits, onEnd }: ThreadOptions) {
    this.#worker = new Worker(script, { workerData: data, resourceLimits: limits });
    this.#worker.on('message', (reply: Reply) => {
      this.#settle(reply);
    });
    this.#worker.on('error', (error) => {
      const ended = error instanceof Error ? error : new Error(String(error));
      this.#end(ended);
      onEnd(ended);
    });
  }

  /** Asks the thread; rejects with an error of the same name and message as the failure there. */
  ask<Name extends keyof Asked & string>(
    name: Name,
    ...args: Asked[Name]['args']
  ): Promise<Asked[Name]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, args } satisfies Ask);
    });
  }

  /** True once the thread has died by itself. */
  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  /** Ends the thread without waiting for its answers. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ('error' in reply) waiting.reject(Object.assign(new Error(reply.error.message), reply.error));
    else waiting.resolve(reply.value);
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
