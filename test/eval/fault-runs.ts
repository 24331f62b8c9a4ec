// Changes of exclusions broken at every step on a real Apache, and whether everything is whole afterwards.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carryOut } from '../../src/actions/act.ts';
import { adoptOwnOrder, excludeOrder, revertOrder } from '../../src/actions/orders.ts';
import { reconcile } from '../../src/actions/reconcile.ts';
import type { OpenContext } from '../../src/context.ts';
import { ActFile, ActProblem } from '../../src/host/act-file.ts';
import { type ProductBed, startProduct } from '../bed/product-bed.ts';
import { smallVhosts } from '../bed/sites.ts';
import { random } from '../bench/random.ts';
import type { ChildTask } from './act-child.ts';

const CHILD = join(import.meta.dirname, 'act-child.ts');
const ATTACK = `/?id=${encodeURIComponent("1' OR '1'='1")}`;
/** Steps before which the process is killed, with how often each may come. */
const KILLS = [
  ['record', 1],
  ['stage', 3],
  ['replace', 3],
  ['trial-build', 1],
  ['build', 1],
  ['test', 1],
  ['reload', 1],
  ['probe', 1],
  ['close', 1],
] as const;
const FAULTS = ['httpdTest', 'httpdTestFile', 'rebuildPreview', 'rebuild', 'restart'] as const;

export interface FaultRun {
  readonly fault: string;
  readonly act: 'apply' | 'revert';
  /** What the act itself came to. */
  readonly outcome: string;
  /** Whether the exclusion is in force afterwards. */
  readonly ended: 'old' | 'new';
  readonly problems: readonly string[];
}

/** Runs so many acts with a fault each; `report` is told after each. */
export async function runFaults(
  seed: number,
  runs: number,
  report: (run: FaultRun) => void,
): Promise<FaultRun[]> {
  const numbers = random(seed, 'faults');
  const pick = (): number => numbers.next();
  const vhosts = smallVhosts(12);
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-faults-'));
  const made = await startProduct({ dir, crs: '3', vhosts });
  const done: FaultRun[] = [];
  try {
    for (let index = 0; index < runs; index++) {
      const vhost = vhosts[Math.floor(pick() * vhosts.length)];
      if (vhost === undefined) continue;
      const run = await oneRun(made, vhost.servername, pick);
      done.push(run);
      report(run);
    }
  } finally {
    await made.bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return done;
}

interface Work {
  readonly made: ProductBed;
  readonly vhost: string;
  readonly pick: () => number;
  /** Exclusion in force; null: the act makes one. */
  readonly revert: number | null;
}

async function oneRun(made: ProductBed, vhost: string, pick: () => number): Promise<FaultRun> {
  const ctx = made.open();
  const [active] = ctx.store.exclusions.active(vhost);
  ctx.close();
  const work: Work = { made, vhost, pick, revert: active?.id ?? null };
  const kinds = [
    killed,
    killed,
    killed,
    killedOnTheWayBack,
    programFault,
    programFault,
    diskFault,
    twoAtOnce,
    changedByHand,
  ];
  const kind = kinds[Math.floor(pick() * kinds.length)] ?? killed;
  const { fault, outcome, hand } = await kind(work);
  for (const point of FAULTS) made.bed.setFault(point, null);
  const { ended, problems } = await look(work, hand ?? null);
  return { fault, act: active === undefined ? 'apply' : 'revert', outcome, ended, problems };
}

interface Broken {
  readonly fault: string;
  readonly outcome: string;
  /** Bytes that somebody else put into a file; they must be there still. */
  readonly hand?: { readonly file: string; readonly text: string };
}

async function killed(work: Work): Promise<Broken> {
  const [step, most] = KILLS[Math.floor(work.pick() * KILLS.length)] ?? KILLS[0];
  const nth = 1 + Math.floor(work.pick() * most);
  return { fault: `killed before ${step} ${nth}`, outcome: await child(work, { step, nth }) };
}

/** The reload fails, and the process dies while it puts the old files back. */
async function killedOnTheWayBack(work: Work): Promise<Broken> {
  work.made.bed.setFault('restart', { mode: 'fail', times: 1 });
  const steps = ['restore', 'test-back', 'reload-back'] as const;
  const step = steps[Math.floor(work.pick() * steps.length)] ?? 'restore';
  return { fault: `killed before ${step}`, outcome: await child(work, { step, nth: 1 }) };
}

/** A program of the server fails, or says that all is well and does nothing. */
async function programFault({ made, vhost, pick, revert }: Work): Promise<Broken> {
  const point = FAULTS[Math.floor(pick() * FAULTS.length)] ?? 'httpdTest';
  const mode = pick() < 0.7 || point === 'restart' ? 'fail' : 'lie';
  // The first test comes before anything is changed.
  const skip = point === 'httpdTest' ? Math.floor(pick() * 2) : 0;
  made.bed.setFault(point, { mode, skip, times: 1 });
  const outcome = await inThisProcess(made.open(), { vhost, revert });
  return { fault: `${point} ${mode === 'fail' ? 'fails' : 'lies'}${skip > 0 ? ' later' : ''}`, outcome };
}

/** The disk is full, or read-only, when a file is written or put in place. */
async function diskFault({ made, vhost, pick, revert }: Work): Promise<Broken> {
  const ctx = made.open();
  const at = pick() < 0.5 ? 'stage' : 'commit';
  const nth = 1 + Math.floor(pick() * 2);
  const words = pick() < 0.5 ? 'the disk is full' : 'the file system is read-only';
  let calls = 0;
  const { acts } = ctx.host;
  const file = (path: string): ActFile => {
    const real = acts.file(path);
    const work: (text: string, fallback: string) => void = real[at].bind(real);
    Object.defineProperty(real, at, {
      value: (text: string, fallback: string) => {
        if (++calls === nth) throw new ActProblem(`${path} cannot be written: ${words}.`);
        work(text, fallback);
      },
    });
    return real;
  };
  const outcome = await inThisProcess(
    { ...ctx, host: { ...ctx.host, acts: { ...acts, file } } },
    { vhost, revert },
  );
  return { fault: `${words} at ${at} ${nth}`, outcome };
}

async function twoAtOnce(work: Work): Promise<Broken> {
  const outcomes = await Promise.all([child(work, null), child(work, null)]);
  return { fault: 'two at once', outcome: outcomes.join(' / ') };
}

/** Somebody writes into the file between our look at it and its replacement. */
async function changedByHand({ made, vhost, revert }: Work): Promise<Broken> {
  const ctx = made.open();
  const file = pathOf(made, ctx, vhost, 'std');
  if (!existsSync(file))
    return { fault: 'changed by hand', outcome: await inThisProcess(ctx, { vhost, revert }) };
  const before = readFileSync(file, 'latin1');
  let isDone = false;
  const outcome = await inThisProcess(ctx, { vhost, revert }, (step) => {
    if (step !== 'stage' || isDone) return;
    isDone = true;
    appendFileSync(file, '# by hand\n');
  });
  return { fault: 'changed by hand', outcome, hand: { file, text: `${before}# by hand\n` } };
}

async function inThisProcess(
  ctx: OpenContext,
  { vhost, revert }: { readonly vhost: string; readonly revert: number | null },
  before: (step: string) => void = () => undefined,
): Promise<string> {
  try {
    const order =
      revert === null
        ? await excludeOrder(ctx, {
            scope: {
              kind: 'target-vhost',
              vhost,
              ruleId: '942100',
              tag: null,
              target: 'ARGS:id',
              path: null,
            },
            ...{ reason: 'a fault is coming', author: 'root', expiresAt: null, typed: null },
          })
        : revertOrder(ctx, [revert], { reason: 'a fault is coming', author: 'root' });
    return (await carryOut(ctx, order.head, order.intents, { before })).state;
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    ctx.close();
  }
}

function child({ made, vhost, revert }: Work, kill: ChildTask['kill']): Promise<string> {
  const task: ChildTask = { ...made.place, vhost, revert, kill };
  return new Promise((resolve) => {
    const run = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', CHILD, JSON.stringify(task)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    run.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    run.once('close', (code, signal) => {
      resolve(signal === null ? `${said}${code === 0 ? '' : ` (exit ${code ?? 0})`}` : 'killed');
    });
  });
}

function pathOf(made: ProductBed, ctx: OpenContext, vhost: string, kind: 'std' | 'ssl'): string {
  const account = ctx.host.vhosts().find((one) => one.vhost === vhost)?.account ?? '';
  return join(made.bed.root, ctx.host.acts.paths(account, vhost)[kind]);
}

/** Our next start: what was interrupted is mended; then everything must be the old or the new state, whole. */
async function look(work: Work, hand: Broken['hand'] | null): Promise<Pick<FaultRun, 'ended' | 'problems'>> {
  const { made, vhost } = work;
  const ctx = made.open();
  try {
    const { problems } = await reconcile(ctx);
    const isNew = ctx.store.exclusions.active(vhost).length > 0;
    return {
      ended: isNew ? 'new' : 'old',
      problems: [
        ...problems,
        ...ledgerProblems(ctx),
        ...(await serverProblems(work, isNew ? 200 : 403)),
        ...(hand == null ? fileProblems(made, ctx, vhost) : await handProblems(ctx, vhost, hand)),
      ],
    };
  } finally {
    ctx.close();
  }
}

function ledgerProblems(ctx: OpenContext): string[] {
  const [last] = ctx.store.changes.newest(1);
  return [
    ...(ctx.store.changes.running().length > 0 ? ['a change is still open'] : []),
    ...(last === undefined || last.state === 'done' || last.state === 'rolled-back'
      ? []
      : [`the last change is ${last.state}`]),
  ];
}

async function serverProblems({ made, vhost }: Work, wanted: number): Promise<string[]> {
  const test = made.bed.configTest();
  const problems = test.ok ? [] : [`Apache's configuration is broken: ${test.output}`];
  for (const tls of [false, true]) {
    const name = tls ? 'ssl' : 'std';
    const { status } = await made.bed.send({ host: vhost, path: ATTACK, tls });
    if (status !== wanted) problems.push(`${name} answers ${status}, the ledger says ${wanted}`);
    const front = await made.bed.send({ host: vhost, path: '/', tls });
    if (front.status !== 200) problems.push(`${name}: the front page answers ${front.status}`);
  }
  return problems;
}

function fileProblems(made: ProductBed, ctx: OpenContext, vhost: string): string[] {
  const [std, ssl] = (['std', 'ssl'] as const).map((kind) => {
    const file = pathOf(made, ctx, vhost, kind);
    return existsSync(file) ? readFileSync(file, 'latin1') : null;
  });
  return std === ssl ? [] : ['std and ssl differ'];
}

/** The bytes must be there still; then they are taken over, so that the next run begins on good ground. */
async function handProblems(
  ctx: OpenContext,
  vhost: string,
  hand: NonNullable<Broken['hand']>,
): Promise<string[]> {
  if (readFileSync(hand.file, 'latin1') !== hand.text) return ['what was written by hand is lost'];
  const order = adoptOwnOrder(ctx, vhost, { author: 'root', reason: 'kept' });
  const adopted = await carryOut(ctx, order.head, order.intents);
  return adopted.state === 'done' ? [] : ['a file changed by hand cannot be adopted'];
}
