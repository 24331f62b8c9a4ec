// Changes of exclusions broken at every step on a real Apache, and whether everything is whole afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProductBed, startProduct } from '../bed/product-bed.ts';
import { smallVhosts } from '../bed/sites.ts';
import { type Random, random } from '../bench/random.ts';
import { GROUPS, SLOW } from './fault-kinds.ts';
import { type Before, type Ended, lookAfter, lookBefore } from './fault-look.ts';
import { applyOnAll, type Task } from './fault-order.ts';
import type { FaultKind, Wants } from './fault-strike.ts';

const POINTS = ['httpdTest', 'httpdTestFile', 'rebuildPreview', 'rebuild', 'restart'] as const;
const SLOW_EVERY = 100;

export interface FaultRun extends Ended {
  readonly fault: string;
  readonly act: Task['act'];
  /** What the act itself came to. */
  readonly outcome: string;
  readonly struck: boolean;
}

interface Server {
  readonly made: ProductBed;
  readonly rng: Random;
  readonly vhosts: readonly string[];
}

/** Runs so many acts with a fault each; `report` is told after each. */
export async function runFaults(
  seed: number,
  runs: number,
  report: (run: FaultRun) => void,
): Promise<FaultRun[]> {
  const rng = random(seed, 'faults');
  const sites = smallVhosts(Math.max(12, Math.ceil(runs / 2)));
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-faults-'));
  const made = await startProduct({ dir, crs: '3', vhosts: sites });
  const server: Server = { made, rng, vhosts: sites.map(({ servername }) => servername) };
  const done: FaultRun[] = [];
  try {
    await begin(server);
    for (let index = 1; index <= runs; index++) {
      const run = await oneRun(server, index % SLOW_EVERY === 0 ? SLOW : pickKind(rng));
      done.push(run);
      report(run);
    }
  } finally {
    await made.bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return done;
}

/** A third of the vhosts have an exclusion from the start. */
async function begin({ made, vhosts }: Server): Promise<void> {
  const ctx = made.open();
  try {
    const state = await applyOnAll(
      ctx,
      vhosts.filter((_, index) => index % 3 === 0),
    );
    if (state !== 'done') throw new Error(`the bed cannot be made ready: ${state}`);
  } finally {
    ctx.close();
  }
}

function pickKind(rng: Random): FaultKind {
  const weighted = GROUPS.flatMap(([weight, kinds]) => Array.from({ length: weight }, () => kinds));
  return rng.pick(rng.pick(weighted));
}

async function oneRun(server: Server, { name, wants, strike }: FaultKind): Promise<FaultRun> {
  const { made, rng } = server;
  const before = pickVhost(server, wants);
  const task = pickTask(rng, before);
  const { outcome, struck, hand, mayLeave } = await strike({ made, before, task, rng });
  for (const point of POINTS) made.bed.setFault(point, null);
  const { state, problems } = await lookAfter(made, before, task, hand ?? null);
  const told = mayLeave === true ? problems.filter((text) => !text.includes(' is left beside ')) : problems;
  return { fault: name, act: task.act, outcome, struck, state, problems: told };
}

/** A vhost as the fault wants it, as far as there is one; most acts go to vhosts that have been touched already. */
function pickVhost({ made, rng, vhosts }: Server, wants: Wants): Before {
  const isFresh = wants === null ? rng.chance(0.3) : wants === 'fresh';
  const shuffled = vhosts.map((vhost) => ({ vhost, at: rng.next() })).sort((a, b) => a.at - b.at);
  let last: Before | null = null;
  for (const { vhost } of shuffled) {
    last = lookBefore(made, vhost);
    if (last.files.every(({ text }) => (text === null) === isFresh)) break;
  }
  if (last === null) throw new Error('there is no vhost');
  return last;
}

function pickTask(rng: Random, { vhost, active }: Before): Task {
  const ids = [...active.keys()];
  const act = ids.length === 0 ? 'apply' : rng.pick(['edit', 'revert', 'revert'] as const);
  return { vhost, act, ids, reason: `a fault is coming (${rng.int(1, 1_000_000)})` };
}
