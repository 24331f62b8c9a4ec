// csf as a program: what is asked of it, one at a time over all processes, never ended in the middle.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CsfCommand } from '../model-firewall.ts';
import { csfArgv, csfShown } from '../parse/csf-argv.ts';
import { type CsfReadiness, readCsfReadiness } from './csf-readiness.ts';
import { takeLock } from './file-lock.ts';
import type { Layout } from './layout.ts';
import { outsideSandbox } from './outside-sandbox.ts';
import { type Patience, runPatiently } from './patient-run.ts';
import type { Root } from './root.ts';
import type { CommandResult } from './run-command.ts';

export type { CsfReadiness } from './csf-readiness.ts';

const FLOCK = '/usr/bin/flock';
const DEFAULT_CSF = '/usr/sbin/csf';
/** Held by whatever runs csf, so that a csf of ours that we no longer know of keeps the next one away. */
const RUN_LOCK = 'csf-run.lock';
/** How long the next one waits for it, and flock's exit code when it waited in vain: none of csf's. */
const RUN_WAIT_SECONDS = 30;
const RUN_BUSY = 199;
/** flock's exit code, as a shell's, for what was ended by a signal: this and its number. */
const SIGNALLED = 128;
const PATIENCE: Patience = { tellAfterMs: 60_000, tellEveryMs: 1000, giveUpMs: 900_000 };

export interface CsfSettings {
  /** csf as argv, its program with an absolute path; `--config` may name it. */
  readonly csfCommand?: readonly string[] | undefined;
  /** The systemd-run with which it is started when this process is in a sandbox. */
  readonly systemdRun?: string | undefined;
}

/** One command that was given to csf. What it did is to be seen in its files. */
export interface CsfRun {
  readonly shown: string;
  /** Null when it was not started, was ended, or is still running. */
  readonly code: number | null;
  /** What it said, without colours and control bytes; the last 64 KiB. */
  readonly output: string;
  readonly ms: number;
  /** Why there is no exit code, as a clause; null when there is one. */
  readonly problem: string | null;
}

export interface CsfProgram {
  /** Why nothing can be asked of csf here, as a sentence; null when it can. */
  readonly refusal: string | null;
  /** Waits for the lock that acts on the firewall of all processes share; gives how to release it, null when another one kept it. */
  lock(stateDir: string, seconds: number): Promise<(() => void) | null>;
  /** What would keep csf from its work now. Takes some ms, changes nothing. */
  ready(): CsfReadiness;
  /** Waits until no csf of ours runs, one of an ended process either; false when one still does. */
  idle(stateDir: string, seconds: number): Promise<boolean>;
  /**
   * Runs one command to its end. After a minute `tell` hears every second how long it has been running; after 15 minutes it is
   * no longer waited for. It is never ended by us, nor when we are ended. Never rejects.
   */
  run(command: CsfCommand, stateDir: string, tell?: (ms: number) => void): Promise<CsfRun>;
}

/** csf of the server below `root`; refused for a copied one unless its program is named. */
export function openCsf(
  root: Root,
  layout: Layout,
  settings: CsfSettings,
  patience: Patience = PATIENCE,
): CsfProgram {
  const { csfCommand, systemdRun } = settings;
  const argv = csfCommand ?? [DEFAULT_CSF];
  const program = csfCommand === undefined && root.dir !== '/' ? null : (argv[0] ?? DEFAULT_CSF);
  return {
    get refusal() {
      return refusalOf(root, settings, program);
    },
    lock: (stateDir, seconds) => takeLock(FLOCK, join(stateDir, 'firewall.lock'), seconds),
    ready: () =>
      readCsfReadiness({ root, layout, program, flock: FLOCK, sandboxed: systemdRun !== undefined }),
    idle: async (stateDir, seconds) => {
      const release = await takeLock(FLOCK, join(stateDir, RUN_LOCK), seconds);
      release?.();
      return release !== null;
    },
    run: async (command, stateDir, tell = () => undefined) => {
      const shown = csfShown(command);
      const args = csfArgv(command);
      const refusal = refusalOf(root, settings, program);
      if (args === null || refusal !== null) {
        const problem = refusal ?? 'this cannot be put to csf in a way that it understands as it is meant';
        return { shown, code: null, output: '', ms: 0, problem };
      }
      const locked = [
        FLOCK,
        ...['-x', '-w', String(RUN_WAIT_SECONDS), '-E', String(RUN_BUSY)],
        join(stateDir, RUN_LOCK),
        ...argv,
        ...args,
      ];
      const ran = await runPatiently(
        systemdRun === undefined ? locked : outsideSandbox(systemdRun, locked, null),
        {
          folder: stateDir,
          patience,
          tell,
          gaveUp: `csf has been running for ${Math.round(patience.giveUpMs / 60_000)} minutes and is not ended by Whyblocked`,
        },
      );
      return { shown, ...orNotStarted(ran) };
    },
  };
}

function refusalOf(
  root: Root,
  { csfCommand, systemdRun }: CsfSettings,
  program: string | null,
): string | null {
  if (program === null)
    return 'This is a copied server: nothing is changed unless --config names its csf (csfCommand).';
  if (!existsSync(FLOCK)) return `Nothing can be changed without ${FLOCK} (package util-linux).`;
  if (systemdRun !== undefined && !existsSync(systemdRun))
    return `Nothing can be changed without ${systemdRun}: the service is in a sandbox.`;
  if (!existsSync(program))
    return csfCommand === undefined
      ? `csf is not installed here: ${program} is not there.`
      : `The program ${program} of --config is not there.`;
  if (root.dir === '/' && process.geteuid?.() !== 0) return 'Only root can change csf’s lists.';
  return null;
}

/** What flock and systemd-run say when csf was never started, or had no end of its own. */
function orNotStarted(ran: CommandResult): CommandResult {
  const { code, output } = ran;
  if (code === null || code === 0) return ran;
  const problem = (text: string): CommandResult => ({ ...ran, code: null, problem: text });
  if (code === RUN_BUSY && output === '')
    return problem(
      `an earlier csf of Whyblocked was still running after ${RUN_WAIT_SECONDS} s, so this one was not started`,
    );
  if (/^(?:flock: |Failed to (?:start|connect|find|create) )/.test(output))
    return problem(`csf could not be started: ${output.slice(0, 300)}`);
  return code > SIGNALLED && code <= SIGNALLED + 64
    ? problem(`csf was ended by signal ${code - SIGNALLED}`)
    : ran;
}
