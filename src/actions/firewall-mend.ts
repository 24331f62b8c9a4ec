// Acts on the firewall that a killed process left without an end: csf's files say what became of them.
import { maskLine } from '../analyse/mask.ts';
import type { FirewallAct } from '../model-firewall.ts';
import { csfShown } from '../parse/csf-argv.ts';
import type { Context } from './context.ts';
import { type Alarm, raiseAlarm } from './firewall-alarm.ts';
import { endSentence } from './firewall-end.ts';
import { shownBy } from './firewall-verify.ts';
import { readFirewall } from './firewall.ts';

const WAIT_SECONDS = 60;

/**
 * Closes what is open; call it while the lock of acts is held, so that nobody is at work with it. A csf that still runs is waited for.
 * Gives sentences about what was found.
 */
export async function mendFirewall(ctx: Context): Promise<string[]> {
  const open = ctx.store.firewall.acts.running();
  if (open.length === 0) return [];
  const isIdle = await ctx.host.csf.idle(ctx.stateDir, WAIT_SECONDS);
  const told: string[] = [];
  for (const act of open) told.push(await close(ctx, act, isIdle));
  return told;
}

async function close(ctx: Context, act: FirewallAct, isIdle: boolean): Promise<string> {
  const firewall = await readFirewall(ctx);
  const missing = act.commands.filter((command) => {
    // What was to last from then on may have less of its time left by now.
    const shown = shownBy(firewall, command, act.at);
    return shown !== 'done' && shown !== 'unproved';
  });
  const isProved = missing.length === 0 && act.commands.some((one) => one.kind !== 'remove-cluster');
  const state = isProved && isIdle ? 'done' : 'failed';
  const how = !isIdle
    ? 'csf is still running.'
    : isProved
      ? 'csf’s files show all of it.'
      : `csf’s files do not show: ${missing.map(csfShown).join('; ')}.`;
  const sentence = `The act was interrupted. ${how} ${await endSentence(ctx, act, state)}`;
  ctx.store.writeDurably(() => {
    ctx.store.firewall.acts.finish(act.id, { state, steps: act.steps, sentence });
    // csf itself may have been ended in the middle of a list: somebody has to look.
    if (state === 'failed') raiseAlarm(ctx, alarmFor(act.id, isIdle));
    ctx.store.record({
      at: Date.now(),
      who: act.who,
      address: null,
      act: 'firewall',
      detail: maskLine(
        `act ${act.id} was interrupted: ${act.commands.map(csfShown).join('; ')}`.slice(0, 1000),
      ),
      result: state,
    });
  });
  return sentence;
}

function alarmFor(id: number, isIdle: boolean): Alarm {
  const at = Date.now();
  if (!isIdle)
    return {
      ...{ at, sentence: `Act ${id} was interrupted, and csf is still running.` },
      todo: ['Which csf runs: ps -C csf -f. Let it come to its end.'],
    };
  return {
    ...{ at, sentence: `Act ${id} was interrupted, and csf’s files do not show what was asked for.` },
    todo: [
      'Whether csf.deny and csf.allow are whole: csf may have been ended while it wrote them.',
      'Whether the rules are in force: csf -r builds them anew.',
    ],
  };
}
