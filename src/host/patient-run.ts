// Runs a program that must not be ended in the middle: csf empties a list before it writes it anew. It is in no process group of
// ours, and its output goes into a file: a pipe would break when we are ended, and its next word would end it too.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './problems.ts';
import { type CommandResult, cleanOutput, ENVIRONMENT } from './run-command.ts';

const OUTPUT_BYTES = 64 * 1024;

export interface Patience {
  /** After this long `tell` is called, then again and again. */
  readonly tellAfterMs: number;
  readonly tellEveryMs: number;
  /** After this long it is no longer waited for; the program goes on. */
  readonly giveUpMs: number;
}

export interface PatientOptions {
  /** Our own folder, for the output. */
  readonly folder: string;
  readonly patience: Patience;
  /** Hears how long it has been running. */
  readonly tell: (ms: number) => void;
  /** The problem that is given when it is no longer waited for. */
  readonly gaveUp: string;
}

/** Runs a program and waits for its end, or gives up waiting; never ends it. Never rejects. */
export function runPatiently(argv: readonly string[], options: PatientOptions): Promise<CommandResult> {
  const { patience, tell, gaveUp } = options;
  const [program = '', ...args] = argv;
  const started = performance.now();
  const past = (): number => Math.round(performance.now() - started);
  let fd: number;
  try {
    fd = openOutput(options.folder);
  } catch (error) {
    const problem = `${program} was not started: its output cannot be kept (${errorCode(error)})`;
    return Promise.resolve({ code: null, output: '', ms: past(), problem });
  }
  return new Promise((resolve) => {
    let telling: NodeJS.Timeout | undefined;
    const firstTell = setTimeout(() => {
      tell(past());
      telling = setInterval(() => {
        tell(past());
      }, patience.tellEveryMs);
    }, patience.tellAfterMs);
    const giveUp = setTimeout(() => {
      child.unref();
      end(null, gaveUp);
    }, patience.giveUpMs);
    let over = false;
    const end = (code: number | null, problem: string | null): void => {
      if (over) return;
      over = true;
      clearTimeout(firstTell);
      clearInterval(telling);
      clearTimeout(giveUp);
      resolve({ code, output: readOutput(fd), ms: past(), problem });
      closeSync(fd);
    };
    const child: ChildProcess = spawn(program, args, {
      env: ENVIRONMENT,
      cwd: '/',
      stdio: ['ignore', fd, fd],
      detached: true,
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      end(null, `${program} could not be started (${error.code ?? error.message})`);
    });
    child.once('exit', (code, signal) => {
      end(code, code === null ? `${program} was ended by ${signal ?? 'a signal'}` : null);
    });
  });
}

/** A file without a name, so that nothing is left of it. Throws the file system's error. */
function openOutput(folder: string): number {
  const path = join(folder, `csf-output-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const fd = openSync(path, 'ax+', 0o600);
  unlinkSync(path);
  return fd;
}

function readOutput(fd: number): string {
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, OUTPUT_BYTES));
    const length = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
    return cleanOutput(bytes.toString('latin1', 0, length));
  } catch {
    return '';
  }
}
