// What can go wrong with a change of exclusions: each kind lets one thing happen to an act and tells whether it struck.
import { readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ActFile, ActProblem } from '../../src/host/act-file.ts';
import type { Fault, FaultPoint } from '../bed/stand-ins.ts';
import type { Kill } from './act-child.ts';
import { type Hand, writeByHand } from './fault-look.ts';
import { carryOutTask } from './fault-order.ts';
import { type Broken, child, type FaultKind, here, kind, type Wants } from './fault-strike.ts';

/** An act takes about so long after its start. */
const ACT_MS = 900;

function killed(step: string, nth = 1, wants: Wants = null): FaultKind {
  return kind(`killed before ${step} ${nth}`, wants, async (work) => {
    const outcome = await child(work, { kill: { step, nth } });
    return { outcome, struck: outcome === 'killed', mayLeave: step === 'clear-away' };
  });
}

/** A step fails, and the process dies on the way back. */
function killedBack(step: string, nth = 1): FaultKind {
  return kind(`killed on the way back before ${step} ${nth}`, null, async (work) => {
    // Two tests that fail let the configuration be built anew.
    if (step === 'rebuild-back') work.made.bed.setFault('httpdTest', { mode: 'fail', skip: 1, times: 2 });
    else work.made.bed.setFault('restart', { mode: 'fail', times: 1 });
    const outcome = await child(work, { kill: { step, nth } });
    return { outcome, struck: outcome === 'killed' };
  });
}

/** The process dies, and so does the next one while it takes back what the first one left. */
function killedTwice(kill: Kill, then: Kill): FaultKind {
  const name = `killed before ${kill.step} ${kill.nth}, and again before ${then.step} ${then.nth}`;
  return kind(name, null, async (work) => {
    const first = await child(work, { kill });
    const second = await child(work, { kill: then, isMending: true });
    return { outcome: `${first}, ${second}`, struck: first === 'killed' && second === 'killed' };
  });
}

const KILLS: readonly FaultKind[] = [
  ...[killed('record'), killed('stage'), killed('stage', 2), killed('stage', 3)],
  ...[killed('replace'), killed('replace', 2), killed('replace', 3)],
  ...[killed('trial-build', 1, 'fresh'), killed('build', 1, 'fresh'), killed('test', 1, 'fresh')],
  ...[killed('test'), killed('reload'), killed('probe'), killed('close'), killed('clear-away')],
];
const KILLS_BACK: readonly FaultKind[] = [
  ...[killedBack('restore'), killedBack('restore', 2), killedBack('restore', 3)],
  ...[killedBack('test-back'), killedBack('reload-back'), killedBack('rebuild-back')],
];
const KILLS_MENDING: readonly FaultKind[] = [
  killedTwice({ step: 'replace', nth: 3 }, { step: 'restore', nth: 3 }),
  killedTwice({ step: 'test', nth: 1 }, { step: 'restore', nth: 2 }),
  killedTwice({ step: 'reload', nth: 1 }, { step: 'test-back', nth: 1 }),
  killedTwice({ step: 'close', nth: 1 }, { step: 'reload-back', nth: 1 }),
];

const ANY_MOMENT = kind('killed at any moment', null, async (work) => {
  const outcome = await child(work, { killAfter: work.rng.int(0, ACT_MS) });
  // It may have come to its end but for the clearing.
  return { outcome, struck: outcome === 'killed', mayLeave: true };
});

/** A program of the server fails, or says that all is well and does nothing, or works and says that it failed. */
function program(point: FaultPoint, fault: Fault, wants: Wants = null): FaultKind {
  const { mode, skip = 0, times = -1 } = fault;
  const words = { fail: 'fails', lie: 'lies', late: 'works and fails', hang: 'hangs' }[mode];
  const count = times < 0 ? 'for good' : `${times}x`;
  return kind(`${point} ${words} ${count}, after ${skip}`, wants, async (work) => {
    work.made.bed.setFault(point, fault);
    const outcome = await here(work);
    const left = readFileSync(join(work.made.bed.root, 'run/faults', point), 'latin1').trim();
    return { outcome, struck: times < 0 ? outcome === 'running' : left.endsWith(' 0') };
  });
}

const once = { times: 1 } as const;
const PROGRAMS: readonly FaultKind[] = [
  program('httpdTest', { mode: 'fail', ...once }),
  program('httpdTest', { mode: 'fail', skip: 1, ...once }),
  program('httpdTest', { mode: 'fail', skip: 1, times: 2 }),
  program('httpdTest', { mode: 'fail', skip: 1 }),
  program('httpdTest', { mode: 'lie', skip: 1, ...once }),
  program('httpdTestFile', { mode: 'fail', ...once }, 'fresh'),
  program('rebuildPreview', { mode: 'fail', ...once }, 'fresh'),
  program('rebuildPreview', { mode: 'lie', ...once }, 'fresh'),
  program('rebuild', { mode: 'fail', ...once }, 'fresh'),
  program('rebuild', { mode: 'lie', ...once }, 'fresh'),
  program('rebuild', { mode: 'late', ...once }, 'fresh'),
  program('restart', { mode: 'fail', ...once }),
  program('restart', { mode: 'late', ...once }),
  program('restart', { mode: 'fail' }),
];

/** Takes half a minute: so long Apache is given to say that it took the configuration. */
export const SLOW: FaultKind = program('restart', { mode: 'lie', ...once });

type DiskStep = 'makeFolders' | 'stage' | 'commit' | 'restore';

/** The disk fails at the n-th call of a step, before or after its work; on the way back because the reload failed. */
function disk(at: DiskStep, nth: number, isAfter = false): FaultKind {
  const wants = at === 'makeFolders' ? 'fresh' : null;
  return kind(`the disk fails ${isAfter ? 'after' : 'at'} ${at} ${nth}`, wants, async ({ made, task }) => {
    const ctx = made.open();
    const { acts } = ctx.host;
    let calls = 0;
    const file = (path: string): ActFile => {
      const real = acts.file(path);
      const work: (...args: [string, string]) => unknown = real[at].bind(real);
      const value = (...args: [string, string]): unknown => {
        const isIt = ++calls === nth;
        const given = isIt && !isAfter ? null : work(...args);
        if (isIt) throw new ActProblem(`${path} cannot be written: the disk is full.`);
        return given;
      };
      Object.defineProperty(real, at, { value });
      return real;
    };
    if (at === 'restore') made.bed.setFault('restart', { mode: 'fail', ...once });
    try {
      const broken = { ...ctx, host: { ...ctx.host, acts: { ...acts, file } } };
      return { outcome: await carryOutTask(broken, task), struck: calls >= nth };
    } finally {
      ctx.close();
    }
  });
}

const DISK: readonly FaultKind[] = [
  ...[disk('makeFolders', 1), disk('makeFolders', 2, true)],
  ...[disk('stage', 1), disk('stage', 1, true), disk('stage', 2), disk('stage', 2, true)],
  ...[disk('commit', 1), disk('commit', 1, true), disk('commit', 2), disk('commit', 2, true)],
  ...[disk('restore', 1), disk('restore', 2, true)],
];

const TOGETHER: readonly FaultKind[] = [
  kind('two at once', null, async (work) => {
    const outcomes = await Promise.all([child(work, {}), child(work, {})]);
    return { outcome: outcomes.join(' / '), struck: true };
  }),
  kind('two at once, one is killed', null, async (work) => {
    const kill = work.rng.pick<Kill>([
      { step: 'stage', nth: 2 },
      { step: 'replace', nth: 3 },
      { step: 'reload', nth: 1 },
      { step: 'close', nth: 1 },
    ]);
    const outcomes = await Promise.all([child(work, { kill }), child(work, {})]);
    return { outcome: outcomes.join(' / '), struck: outcomes[0] === 'killed' };
  }),
];

/** Somebody writes into a file between our look at it and its replacement; `ssl` comes second. */
function handMeanwhile(which: 'std' | 'ssl', step: string, nth: number): FaultKind {
  return kind(`${which} changed by hand before ${step} ${nth}`, 'used', async (work) => {
    const file = work.before.files[which === 'std' ? 0 : 1]?.file ?? '';
    const hands: Hand[] = [];
    let seen = 0;
    const outcome = await here(work, {
      before: (name) => {
        if (name === step && ++seen === nth) hands.push(writeByHand(file));
      },
    });
    return { outcome, struck: hands.length > 0, hand: hands[0] ?? null };
  });
}

/** Somebody has put a link in the place of the folder; it is put back afterwards. */
async function folderLinked(work: Parameters<FaultKind['strike']>[0]): Promise<Broken> {
  const folder = dirname(work.before.files[0]?.file ?? '');
  renameSync(folder, `${folder}.away`);
  symlinkSync(`${folder}.away`, folder);
  try {
    const outcome = await here(work);
    return { outcome, struck: outcome.startsWith('refused: ') };
  } finally {
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
  }
}

const HAND: readonly FaultKind[] = [
  ...[handMeanwhile('std', 'record', 1), handMeanwhile('std', 'stage', 2), handMeanwhile('ssl', 'stage', 3)],
  ...[handMeanwhile('std', 'replace', 2), handMeanwhile('ssl', 'replace', 3)],
  kind('changed by hand before', 'used', async (work) => {
    const hand = writeByHand(work.before.files[0]?.file ?? '');
    const outcome = await here(work);
    return { outcome, struck: outcome.startsWith('refused: '), hand };
  }),
  kind('the folder is a link', 'used', folderLinked),
];

/** Groups of kinds; each group comes as often as its weight says. */
export const GROUPS: readonly (readonly [number, readonly FaultKind[]])[] = [
  [7, KILLS],
  [3, KILLS_BACK],
  [2, KILLS_MENDING],
  [3, [ANY_MOMENT]],
  [6, PROGRAMS],
  [5, DISK],
  [2, TOGETHER],
  [3, HAND],
];
