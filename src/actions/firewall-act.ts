// Carries out an act on the firewall: one at a time, written down before csf is started, and called done only when csf's own
// files show it. Any contradiction raises the alarm, and nothing more is done until somebody has looked.
import { maskLine } from '../analyse/mask.ts';
import type { CsfReadiness, CsfRun } from '../host/csf-program.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { CsfCommand, FirewallAct, FirewallStep, NewFirewallAct } from '../model-firewall.ts';
import { csfShown } from '../parse/csf-argv.ts';
import { readCsfOutput } from '../parse/csf-output.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import { type Alarm, alarmOf, raiseAlarm } from './firewall-alarm.ts';
import { endSentence } from './firewall-end.ts';
import { mendFirewall } from './firewall-mend.ts';
import { isCut, shownBy, tornOff } from './firewall-verify.ts';
import { type Firewall, readFirewall } from './firewall.ts';

const LOCK_SECONDS = 120;
/** Its files may be written by others meanwhile: looked at some times before they count as a contradiction. */
const LOOKS = 3;
const LOOK_MS = 300;

/** What is to be done: checked, and seen by whoever confirmed it. */
export interface FirewallOrder extends Omit<NewFirewallAct, 'at'> {
  /** Address of whoever acts, for the activity. */
  readonly by: string | null;
  /** Plans again on the lists as they are now; the commands must still be those that were seen. Throws Refused. */
  readonly check: () => Promise<void>;
}

export interface FirewallHooks {
  readonly now?: (text: string) => void;
  /** The act has begun, with this number in the ledger. */
  readonly began?: (id: number) => void;
}

/**
 * Does it. Throws Refused when nothing was begun (the message says why); otherwise gives the row of the ledger: `done`,
 * `refused` by csf with nothing changed, or `failed`.
 */
export async function carryOutFirewall(
  ctx: Context,
  order: FirewallOrder,
  hooks: FirewallHooks = {},
): Promise<FirewallAct> {
  const { csf } = ctx.host;
  if (csf.refusal !== null) throw new Refused(csf.refusal);
  hooks.now?.('Waiting for its turn');
  const release = await csf.lock(ctx.stateDir, LOCK_SECONDS);
  if (release === null)
    throw new Refused(
      `Another act on the firewall has been running for ${LOCK_SECONDS} s. Nothing was changed; try again when it has ended.`,
    );
  try {
    await mendFirewall(ctx);
    const alarm = alarmOf(ctx);
    if (alarm !== null)
      throw new Refused(
        `Nothing was changed: an earlier act went wrong (${alarm.sentence}) Look at the firewall page and end the alarm first.`,
      );
    refuseUnready(csf.ready());
    await order.check();
    return await act(ctx, order, hooks);
  } finally {
    release();
  }
}

/** csf in such a state would not do it, or would take the whole firewall down over it. */
export function refuseUnready(ready: CsfReadiness): void {
  const why =
    ready.error !== null
      ? `csf has left a file csf.error (“${ready.error}”): its rules may not be in force, and it does nothing until that is mended.`
      : ready.disabled
        ? 'csf is switched off (csf.disable).'
        : ready.restarting
          ? 'csf is being restarted at this moment; try again in a minute.'
          : (ready.problems[0] ?? null);
  if (why !== null) throw new Refused(`Nothing was changed: ${why}`);
}

async function act(ctx: Context, order: FirewallOrder, hooks: FirewallHooks): Promise<FirewallAct> {
  const { by, act: kind, target, who, reason, incident, commands } = order;
  const row = { act: kind, target, who, reason, incident, commands, at: Date.now() };
  const id = ctx.store.writeDurably(() => ctx.store.firewall.acts.begin(row));
  hooks.began?.(id);
  const steps: FirewallStep[] = [];
  let end: Outcome = { state: 'done', why: null, alarm: null };
  for (const command of order.commands) {
    hooks.now?.(`Running ${csfShown(command)}`);
    const { step, outcome } = await run(ctx, command, hooks);
    steps.push(step);
    ctx.store.write(() => {
      ctx.store.firewall.acts.progress(id, steps);
    });
    end = outcome;
    if (outcome.state !== 'done') break;
  }
  // What csf refused after another command was done is no refusal of the whole.
  const state = end.state === 'refused' && steps.length > 1 ? 'failed' : end.state;
  hooks.now?.('Looking at csf’s files');
  const sentence = `${await endSentence(ctx, order, state)}${end.why === null ? '' : ` ${end.why}`}`;
  ctx.store.writeDurably(() => {
    ctx.store.firewall.acts.finish(id, { state, steps, sentence });
    if (end.alarm !== null) raiseAlarm(ctx, end.alarm);
    ctx.store.record({
      at: Date.now(),
      who: order.who,
      address: by,
      act: 'firewall',
      detail: maskLine(
        `${order.commands.map(csfShown).join('; ')} (act ${id}): ${order.reason}`.slice(0, 1000),
      ),
      result: state,
    });
  });
  const made = ctx.store.firewall.acts.byId(id);
  if (made === null) throw new Error('the act that was just made is not in the ledger');
  return made;
}

interface Outcome {
  readonly state: 'done' | 'refused' | 'failed';
  /** A sentence beside the one that says how it ended. */
  readonly why: string | null;
  readonly alarm: Alarm | null;
}

/** Runs one command and looks at what it did. */
async function run(
  ctx: Context,
  command: CsfCommand,
  hooks: FirewallHooks,
): Promise<{ step: FirewallStep; outcome: Outcome }> {
  const before = await readFirewall(ctx);
  const started = performance.now();
  const ran = await ctx.host.csf.run(command, ctx.stateDir, (ms) => {
    hooks.now?.(`Running ${csfShown(command)}, for ${Math.round(ms / 1000)} s now; it is not ended by force`);
  });
  const said = readCsfOutput(command, ran.output);
  const { after, shown } = await look(ctx, command, REFUSALS[said.answer] === undefined ? LOOKS : 1);
  const words = said.line === '' ? 'csf said nothing.' : `csf said: “${said.line}”.`;
  const outcome = judge({
    command,
    ran,
    said,
    shown,
    torn: tornOff(before, after, command),
    ready: ctx.host.csf.ready(),
  });
  const dropped =
    said.dropped.length === 0
      ? ''
      : ` csf.deny was full; csf dropped its oldest: ${said.dropped.slice(0, 5).join('; ')}.`;
  return {
    step: {
      shown: csfShown(command),
      ok: outcome.state === 'done',
      text: maskLine(
        `${words} ${SHOWN_WORDS[shown]}${dropped}${outcome.why === null ? '' : ` ${outcome.why}`}`,
      ),
      ms: Math.round(performance.now() - started),
    },
    outcome,
  };
}

const SHOWN_WORDS = {
  done: 'Its files show it.',
  'not-done': 'Its files do not show it.',
  unproved: 'No file of this server can show it.',
  unreadable: 'Its files could not be read to the end.',
} as const;

/** Looks until the files show it, at most so many times. */
async function look(
  ctx: Context,
  command: CsfCommand,
  most: number,
): Promise<{ after: Firewall; shown: ReturnType<typeof shownBy> }> {
  for (let looks = 1; ; looks++) {
    const after = await readFirewall(ctx);
    const shown = shownBy(after, command, Date.now());
    if (shown === 'done' || shown === 'unproved' || looks >= most) return { after, shown };
    await ctx.host.acts.pause(LOOK_MS);
  }
}

interface Findings {
  readonly command: CsfCommand;
  readonly ran: CsfRun;
  readonly said: ReturnType<typeof readCsfOutput>;
  readonly shown: ReturnType<typeof shownBy>;
  readonly torn: readonly PlacedEntry[];
  readonly ready: CsfReadiness;
}

const LOOK_AT_CSF = [
  'Whether csf runs: csf -v, and whether /etc/csf/csf.error is there.',
  'Whether the rules are in force: csf -r builds them anew.',
] as const;

/** What a run came to. Words and exit code of csf are compared with its files; they alone prove nothing. */
function judge(findings: Findings): Outcome {
  const broken = brokenBy(findings);
  if (broken !== null) return failed(findings.command, broken.why, broken.todo);
  const { said, shown } = findings;
  const testing = said.testing
    ? 'csf is in testing mode (TESTING): the firewall itself was not changed.'
    : null;
  // It writes the line all the same, but the firewall does not know it.
  if (said.answer === 'no-ipv6') return { state: 'refused', why: REFUSALS['no-ipv6'] ?? null, alarm: null };
  if (shown === 'done') return { state: 'done', why: testing, alarm: null };
  if (shown === 'unproved')
    return said.answer === 'done'
      ? { state: 'done', why: testing, alarm: null }
      : { state: 'refused', why: REFUSALS[said.answer] ?? null, alarm: null };
  if (shown === 'unreadable')
    return failed(findings.command, 'csf’s files could not be read, so nothing proves that it was done.', [
      'Whether the entry is there: csf -g and csf -t.',
    ]);
  const refusal = REFUSALS[said.answer];
  if (refusal !== undefined) return { state: 'refused', why: refusal, alarm: null };
  return failed(
    findings.command,
    said.answer === 'done'
      ? 'csf said yes, but its files do not show it.'
      : 'csf’s answer is not understood, and its files do not show it.',
    LOOK_AT_CSF,
  );
}

/** What shows that csf itself is in trouble. */
function brokenBy({ ran, ready, said, torn }: Findings): { why: string; todo: readonly string[] } | null {
  if (ready.error !== null)
    return {
      why: `csf has written csf.error (“${ready.error}”): it may have taken all rules out.`,
      todo: LOOK_AT_CSF,
    };
  // It does not begin while it is being restarted, and says so with an exit code of its own.
  if (said.answer === 'busy' && torn.length === 0) return null;
  if (ran.problem !== null || (ran.code ?? 0) !== 0) {
    const lost = torn.length === 0 ? '' : ` Its lists have lost ${torn.length} lines.`;
    return {
      why: `${ran.problem ?? `csf ended with exit code ${ran.code ?? 'none'}`}.${lost}`,
      todo: torn.length === 0 ? LOOK_AT_CSF : [...LOOK_AT_CSF, lostWords(torn)],
    };
  }
  return isCut(torn)
    ? {
        why: `csf’s lists have lost their last ${torn.length} lines.`,
        todo: [lostWords(torn), ...LOOK_AT_CSF],
      }
    : null;
}

const MOST_LOST = 200;

function lostWords(torn: readonly PlacedEntry[]): string {
  const lines = torn.slice(0, MOST_LOST).map(({ text }) => text);
  return maskLine(`Lines that are gone: ${lines.join(' / ')}`);
}

function failed(command: CsfCommand, why: string, todo: readonly string[]): Outcome {
  const alarm = { at: Date.now(), sentence: `${csfShown(command)}: ${why}`, todo };
  return { state: 'failed', why, alarm };
}

/** Answers with which csf changes nothing. */
const REFUSALS: Readonly<Partial<Record<ReturnType<typeof readCsfOutput>['answer'], string>>> = {
  already: 'csf has such an entry already.',
  'not-found':
    'csf does not find it in its list: an entry of an included file or a net is not taken out this way.',
  kept: 'The entry is marked “do not delete”: take the mark out of its line by hand first.',
  'in-allow': 'The address is in csf.allow: csf does not deny what it allows.',
  'in-ignore': 'The address is in csf.ignore: csf does not deny it.',
  invalid: 'csf takes it for no public address.',
  'own-address': 'It is an address of this server.',
  'no-ipv6': 'csf does not handle IPv6 here (IPV6 = "0").',
  off: 'csf is switched off.',
  busy: 'csf is being restarted; try again in a minute.',
};
