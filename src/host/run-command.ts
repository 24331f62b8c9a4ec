// Starts one of the server's own programs: argv only, a fixed environment, bounded output and time.
import { type ChildProcess, spawn } from 'node:child_process';

const OUTPUT_BYTES = 64 * 1024;
/** After the time limit a program is asked to end, then ended. */
const GRACE_MS = 3000;
const LINGER_MS = 500;
/** What such a program gets to know. */
export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C',
  HOME: '/root',
};

export interface CommandResult {
  /** Null when it did not end by itself. */
  readonly code: number | null;
  /** What it said on both outputs, without control bytes; the last 64 KiB. */
  readonly output: string;
  readonly ms: number;
  /** Why there is no exit code: could not be started, or over its time; null otherwise. */
  readonly problem: string | null;
}

/** What a program is given to read. */
export interface CommandInput {
  readonly bytes: Uint8Array;
  /** Called when the program has started and has read nothing; what it throws ends the program. */
  readonly before: () => void;
}

/**
 * Runs a program and waits for its end. Never rejects: what went wrong is in the result. A program that daemonizes with
 * our pipes open is not waited for longer than its own end.
 */
export function runCommand(
  argv: readonly string[],
  limitMs: number,
  input: CommandInput | null = null,
): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let late = false;
    const end = (code: number | null, problem: string | null): void => {
      clearTimeout(limit);
      const output = cleanOutput(Buffer.concat(chunks).toString('latin1'));
      resolve({ code, output, ms: Math.round(performance.now() - started), problem });
    };
    const child = spawn(program, args, {
      env: ENVIRONMENT,
      cwd: '/',
      stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let unfed: string | null = null;
    if (input !== null)
      feed(child, input, (problem) => {
        unfed = problem;
      });
    const keep = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= 2 * OUTPUT_BYTES) return;
      chunks = [Buffer.concat(chunks).subarray(-OUTPUT_BYTES)];
      size = OUTPUT_BYTES;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const limit = setTimeout(() => {
      late = true;
      endGroup(child.pid, 'SIGTERM');
      setTimeout(() => {
        endGroup(child.pid, 'SIGKILL');
      }, GRACE_MS).unref();
    }, limitMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      end(null, `${program} could not be started (${error.code ?? error.message})`);
    });
    child.once('exit', (code, signal) => {
      const finish = (): void => {
        clearTimeout(linger);
        child.stdout?.destroy();
        child.stderr?.destroy();
        if (unfed !== null) end(null, unfed);
        else if (late) end(null, `${program} did not end within ${Math.round(limitMs / 1000)} s`);
        else if (code === null) end(null, `${program} was ended by ${signal ?? 'a signal'}`);
        else end(code, null);
      };
      // What it wrote last may still be in the pipe; a server that it started may hold the pipe for good.
      const linger = setTimeout(finish, LINGER_MS);
      child.once('close', finish);
    });
  });
}

/** Nobody waits for a program that does not read: it shows in its exit code. */
function feed(child: ChildProcess, { bytes, before }: CommandInput, tell: (problem: string) => void): void {
  const { stdin } = child;
  stdin?.on('error', () => undefined);
  child.once('spawn', () => {
    try {
      before();
      stdin?.end(bytes);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      endGroup(child.pid, 'SIGKILL');
    }
  });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** Without colours and control bytes, at most the last 64 KiB. */
export function cleanOutput(text: string): string {
  return text
    .slice(-OUTPUT_BYTES)
    .replace(/\u001b\[[0-9;?]{0,20}[A-Za-z]/g, '')
    .replace(/[^\n\x20-\x7e]/g, ' ')
    .trim();
}
