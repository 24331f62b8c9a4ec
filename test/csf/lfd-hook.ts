// lfd's call of BLOCK_REPORT, as it was recorded: eight arguments, no shell, csf's folder, no input and no output. xargs is
// between, because Node could not hand over the bytes of a log as they are.
import { type ChildProcess, spawn } from 'node:child_process';

const XARGS = '/usr/bin/xargs';
const ARGUMENTS = 8;
const ALARM_MS = 10_000;

/** How the call ended: its exit code; null where it could not be started, or ran longer than lfd waits. */
export interface HookEnd {
  readonly code: number | null;
  readonly timedOut: boolean;
}

export interface HookRun {
  readonly child: ChildProcess;
  readonly ended: Promise<HookEnd>;
}

/** Starts the program; `args` are bytes as latin1. What takes more than 10 s goes on alone. */
export function callHook(program: string, args: readonly string[], folder: string): HookRun {
  const child = spawn(XARGS, ['-0', '-x', '-n', String(ARGUMENTS), '-s', '2000000', program], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {
      HOME: '/root',
      PATH: '/sbin:/bin:/usr/sbin:/usr/bin',
      PWD: folder,
      SHLVL: '1',
      _: '/usr/sbin/lfd',
    },
  });
  const ended = new Promise<HookEnd>((resolve) => {
    const alarm = setTimeout(() => {
      resolve({ code: null, timedOut: true });
    }, ALARM_MS);
    const end = (code: number | null): void => {
      clearTimeout(alarm);
      // 126 and 127: it cannot be run, or is not there; 1: too much for one call.
      resolve({ code: code === 126 || code === 127 ? null : code, timedOut: false });
    };
    child.once('error', () => {
      end(null);
    });
    child.once('close', end);
  });
  child.stdin.on('error', () => undefined);
  // A NUL ends an argument, as it does for every program.
  const bytes = args.map((arg) => `${arg.split('\0', 1)[0] ?? ''}\0`).join('');
  child.stdin.end(Buffer.from(bytes, 'latin1'));
  return { child, ended };
}
