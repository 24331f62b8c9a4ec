// The hook in csf.conf's BLOCK_REPORT: how it stands, what putting it in or taking it out would change, and the act itself.
import { ActProblem } from '../host/act-file.ts';
import { spoolFolder, waitingCalls } from '../host/block-spool.ts';
import { HOOK_PROGRAM, HOOK_STATE } from '../host/hook-slot.ts';
import type { ConfSlot, NoSlot } from '../parse/csf-conf-slot.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import { readReason } from './exclude.ts';
import type { HookAct, HookPlan, HookView } from './hook-view.ts';
import { isoTime } from './iso-time.ts';
import { REFUSED_CALLS } from './notices.ts';
import { readZone } from './server.ts';

const RESTART =
  'lfd reads csf.conf at its start only: restart it, by `csf --lfd restart` or `systemctl restart lfd`. Whyblocked does not do that itself.';
const ODD: Readonly<Record<NoSlot, string>> = {
  missing: 'has no line BLOCK_REPORT: this csf is not one that Whyblocked knows',
  repeated: 'has the line BLOCK_REPORT more than once, and csf itself stops at that',
  'odd-line': 'has something else than a quoted value in the line BLOCK_REPORT',
  'odd-file':
    'has a repeated setting, or one without quotes, and csf itself stops at that (`csf -r` names it)',
};
/** Notices that are looked through for the newest that the hook told of. */
const LOOKED_THROUGH = 1000;

/** How the hook stands. Never throws. */
export async function hookView(ctx: Context): Promise<HookView> {
  const { hookSlot } = ctx.host;
  const { slot, problem } = hookSlot.look();
  const next = hookSlot.next(ctx.stateDir);
  const newest = ctx.store.firewall.notices
    .since(0, LOOKED_THROUGH)
    .find(({ sources }) => sources.includes('hook'));
  const rest = {
    lastCall: newest === undefined ? null : isoTime(await readZone(ctx), newest.at),
    waiting: waitingCalls(spoolFolder(ctx.stateDir)),
    refused: Number(ctx.store.meta(REFUSED_CALLS) ?? 0),
  };
  if (slot === null || typeof slot === 'string') {
    const why = slot === null ? `cannot be read: it is ${problem ?? 'missing'}` : ODD[slot];
    const state = slot === null ? 'none' : 'odd';
    return {
      ...rest,
      state,
      sentence: `${hookSlot.path} ${why}.`,
      line: null,
      program: null,
      next: null,
      todo: [],
    };
  }
  const program = slot.value === '' ? null : slot.value;
  return { ...rest, line: slot.line, program, ...standing(ctx, slot, next) };
}

function standing(
  ctx: Context,
  slot: ConfSlot,
  next: string | null,
): Pick<HookView, 'state' | 'sentence' | 'next' | 'todo'> {
  if (slot.value === '')
    return {
      state: 'free',
      sentence:
        'BLOCK_REPORT is free. Blocks are heard of from lfd.log and csf’s lists, without the log lines that lfd counted.',
      next: null,
      todo: ['`whyblocked hook install` puts Whyblocked’s hook in.'],
    };
  if (slot.value !== HOOK_PROGRAM)
    return {
      state: 'taken',
      sentence: `BLOCK_REPORT names another program, ${slot.value}. Blocks are heard of from lfd.log and csf’s lists.`,
      next: null,
      todo: [
        '`whyblocked hook install --chain` puts Whyblocked’s hook in its place, and the hook then calls that program.',
      ],
    };
  const also = next === null ? '' : ` It calls ${next} afterwards.`;
  return {
    state: 'ours',
    sentence: `BLOCK_REPORT names Whyblocked’s hook.${also}`,
    next,
    todo: [...restartNeeded(ctx), ...elsewhere(ctx)],
  };
}

/** lfd writes its number into a file when it starts: an older one than csf.conf means that it knows the file of before. */
function restartNeeded({ host }: Context): string[] {
  const pid = host.selfLook.place('lfdPid');
  return pid.kind === 'file' && pid.mtimeMs < host.hookSlot.look().mtimeMs ? [RESTART] : [];
}

/** The hook knows one folder only. */
function elsewhere({ host, stateDir }: Context): string[] {
  if (host.rootDir !== '/' || stateDir === HOOK_STATE) return [];
  return [
    `The hook leaves what it hears in ${spoolFolder(HOOK_STATE)}, but this database is in ${stateDir}: use the one there.`,
  ];
}

/** What the act would change. `chain`: a program that stands in the slot is kept and called by ours. Never throws. */
export function planHook(ctx: Context, act: HookAct, chain: boolean): HookPlan {
  const { hookSlot, csf } = ctx.host;
  const nothing = { act, change: null, next: null, effects: [] };
  const { slot, problem } = hookSlot.look();
  if (slot === null || typeof slot === 'string') {
    const why = slot === null ? `cannot be read: it is ${problem ?? 'missing'}` : ODD[slot];
    return { ...nothing, refusal: `${hookSlot.path} ${why}. Nothing is changed in it.` };
  }
  const plan = act === 'install' ? planInstall(ctx, slot, chain) : planRemove(ctx, slot);
  if (plan.change === null) return plan;
  return {
    ...plan,
    refusal: hookSlot.refusal ?? csf.refusal ?? (act === 'install' ? (elsewhere(ctx)[0] ?? null) : null),
  };
}

function planInstall(ctx: Context, slot: ConfSlot, chain: boolean): HookPlan {
  const { hookSlot } = ctx.host;
  const nothing = { act: 'install', change: null, next: null, effects: [] } as const;
  const { value } = slot;
  if (value === HOOK_PROGRAM)
    return {
      ...nothing,
      refusal: null,
      next: hookSlot.next(ctx.stateDir),
      effects: ['Whyblocked’s hook stands there already.'],
    };
  const here = hookSlot.programProblem(HOOK_PROGRAM);
  if (here !== null)
    return { ...nothing, refusal: `${HOOK_PROGRAM} cannot be named: ${here}. install.sh puts it there.` };
  if (value === '')
    return { ...nothing, refusal: null, change: changeOf(ctx, slot, HOOK_PROGRAM), effects: INSTALLED };
  if (!chain)
    return {
      ...nothing,
      refusal: `BLOCK_REPORT names another program already, ${value}. With --chain Whyblocked’s hook takes its place and calls it afterwards, with the same arguments; \`whyblocked hook remove\` gives it back.`,
    };
  const problem = hookSlot.programProblem(value);
  if (problem !== null)
    return {
      ...nothing,
      refusal: `${value}, which BLOCK_REPORT names, cannot be called by ours: ${problem}. Mend it, or set BLOCK_REPORT to "".`,
    };
  const kept = `${value} is called afterwards, with the same arguments.`;
  return {
    ...nothing,
    refusal: null,
    next: value,
    change: changeOf(ctx, slot, HOOK_PROGRAM),
    effects: [...INSTALLED, kept],
  };
}

const INSTALLED = [
  'After each block lfd calls the hook, which leaves lfd’s words and the log lines that it counted for the service.',
];

function planRemove(ctx: Context, slot: ConfSlot): HookPlan {
  const nothing = { act: 'remove', change: null, next: null } as const;
  if (slot.value === '') return { ...nothing, refusal: null, effects: ['BLOCK_REPORT is free already.'] };
  if (slot.value !== HOOK_PROGRAM)
    return {
      ...nothing,
      refusal: null,
      effects: [`BLOCK_REPORT names another program, ${slot.value}: it is left alone.`],
    };
  const before = ctx.host.hookSlot.next(ctx.stateDir);
  return {
    ...nothing,
    refusal: null,
    change: changeOf(ctx, slot, before ?? ''),
    effects: [before === null ? 'lfd calls nothing any more.' : `lfd calls ${before} itself again.`],
  };
}

function changeOf({ host }: Context, slot: ConfSlot, to: string): NonNullable<HookPlan['change']> {
  const { line, number, value } = slot;
  const lines = slot.withValue(to).split('\n');
  const after = (lines[number - 1] ?? '').replace(/\r$/, '');
  return { file: host.hookSlot.path, number, before: line, after, from: value, to };
}

/**
 * Does what a plan shows; gives sentences about it. Throws BadInput without a reason, Refused when the plan refuses, when csf.conf is
 * not as it was shown, or cannot be written. Both the beginning and the end stand in the activity.
 */
export async function carryOutHook(
  ctx: Context,
  plan: HookPlan,
  { author, reason }: { readonly author: string; readonly reason: string },
): Promise<string[]> {
  const why = readReason(reason);
  const { change, act, next } = plan;
  if (plan.refusal !== null) throw new Refused(plan.refusal);
  if (change === null) return [...plan.effects];
  const { hookSlot } = ctx.host;
  const note = (result: string): void => {
    const detail = `${change.file} line ${change.number}: ${change.before} -> ${change.after}: ${why}`;
    ctx.store.record({ at: Date.now(), who: author, address: null, act: `hook ${act}`, detail, result });
  };
  note('begun');
  try {
    // Ours finds what it is to call when it is called first; what it calls is forgotten only when nobody calls ours any more.
    if (act === 'install') hookSlot.setNext(ctx.stateDir, next);
    const copy = await hookSlot.change({ ...change, stateDir: ctx.stateDir, at: new Date() });
    if (act === 'remove') hookSlot.setNext(ctx.stateDir, null);
    note(`done: the file of before is ${copy}`);
    return [
      `${change.file} line ${change.number} is now: ${change.after}`,
      `The file of before is ${copy}.`,
      RESTART,
    ];
  } catch (error) {
    const sentence = error instanceof ActProblem ? error.message : `Nothing was changed: ${String(error)}.`;
    note(`failed: ${sentence}`);
    throw new Refused(sentence, error);
  }
}
