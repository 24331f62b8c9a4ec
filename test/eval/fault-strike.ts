// How a fault strikes an act: the act here or in a process of its own that is killed, and what came of it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActHooks } from '../../src/actions/act-steps.ts';
import type { ProductBed } from '../bed/product-bed.ts';
import type { Random } from '../bench/random.ts';
import type { ChildTask, Kill } from './act-child.ts';
import type { Before, Hand } from './fault-look.ts';
import { carryOutTask, type Task } from './fault-order.ts';

const CHILD = join(import.meta.dirname, 'act-child.ts');

/** An act and the server it is done on. */
interface Work {
  readonly made: ProductBed;
  readonly before: Before;
  readonly task: Task;
  readonly rng: Random;
}

/** What a fault came to. */
export interface Broken {
  readonly outcome: string;
  /** Whether the fault happened at all: not every act comes to every step. */
  readonly struck: boolean;
  readonly hand?: Hand | null;
  /** Killed when only the clearing was left: what it left is cleared by the next change. */
  readonly mayLeave?: boolean;
}

/** `fresh`: strikes only where the vhost has no file yet; `used`: only where it has one. */
export type Wants = 'fresh' | 'used' | null;

export interface FaultKind {
  readonly name: string;
  readonly wants: Wants;
  readonly strike: (work: Work) => Promise<Broken>;
}

export function kind(name: string, wants: Wants, strike: FaultKind['strike']): FaultKind {
  return { name, wants, strike };
}

interface ChildOptions {
  readonly kill?: Kill;
  /** It takes back what another process left. */
  readonly isMending?: boolean;
  /** Killed from here, so many ms after it began. */
  readonly killAfter?: number;
}

/** The act in a process of its own; gives what it came to, or `killed`. */
export function child({ made, task }: Work, { kill, isMending, killAfter }: ChildOptions): Promise<string> {
  const told: ChildTask = { place: made.place, task: isMending === true ? null : task, kill: kill ?? null };
  const args = ['--disable-warning=ExperimentalWarning', CHILD, JSON.stringify(told)];
  return new Promise((resolve) => {
    const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    run.stdout.on('data', (chunk: Buffer) => {
      if (said === '' && killAfter !== undefined) void sleep(killAfter).then(() => run.kill('SIGKILL'));
      said += chunk.toString();
    });
    run.once('close', (code, signal) => {
      const text = said.replace(/^begun /, '');
      resolve(signal === null ? `${text}${code === 0 ? '' : ` (exit ${code ?? 0})`}` : 'killed');
    });
  });
}

/** The act in this process. */
export async function here({ made, task }: Work, hooks: ActHooks = {}): Promise<string> {
  const ctx = made.open();
  try {
    return await carryOutTask(ctx, task, hooks);
  } finally {
    ctx.close();
  }
}
