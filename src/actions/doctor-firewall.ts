// Whether the firewall can be acted on from here: what keeps csf from its work, an act that went wrong, and what only the real csf
// of this server can show.
import type { CsfReadiness } from '../host/csf-program.ts';
import { type Check, checksOf } from './doctor-view.ts';
import type { Alarm } from './firewall-alarm.ts';
import type { HookView } from './hook-view.ts';
import type { FirewallAct } from '../model-firewall.ts';

export interface FirewallLooks {
  /** Why nothing can be asked of csf here; null when it can. */
  readonly refusal: string | null;
  readonly ready: CsfReadiness;
  readonly alarm: Alarm | null;
  /** The newest act that ended; null before the first. */
  readonly last: FirewallAct | null;
}

const check = checksOf('csf');

/** The checks of acts on the firewall. */
export function firewallChecks(looks: FirewallLooks): Check[] {
  return [readyCheck(looks), ...alarmCheck(looks), tryCheck(looks)];
}

function readyCheck({ refusal, ready }: FirewallLooks): Check {
  const means =
    'Unblock, allow and block are done by csf, one at a time, and looked at in its files afterwards.';
  if (refusal !== null)
    return check('csf-acts', 'Acts on the firewall', {
      state: 'info',
      found: refusal,
      means: 'Addresses are explained; they are unblocked by hand.',
    });
  const problem = ready.restarting ? 'csf is being restarted at this moment.' : ready.problems[0];
  if (problem === undefined)
    return check('csf-acts', 'Acts on the firewall', { state: 'ok', found: 'csf can be asked', means });
  return check('csf-acts', 'Acts on the firewall', {
    state: ready.restarting ? 'warn' : 'fail',
    found: ready.problems.join(' ') || problem,
    means: 'No act is begun like this: when csf cannot write its lists it opens the whole firewall.',
    mend: ready.restarting ? 'Try again in a minute.' : mendOf(ready.problems.join(' ')),
  });
}

function mendOf(problems: string): string {
  if (/ are left on the disk| can still be made/.test(problems)) return 'Free space on that disk.';
  if (problems.includes('chattr')) return 'chattr -i on that file, as root.';
  return problems.includes('csf.conf')
    ? 'Mend that line of csf.conf, then csf -r.'
    : 'Mend what is said here.';
}

function alarmCheck({ alarm }: FirewallLooks): Check[] {
  if (alarm === null) return [];
  return [
    check('csf-alarm', 'An act that went wrong', {
      state: 'fail',
      found: alarm.sentence,
      means: 'Nothing more is done with csf until an admin has looked.',
      mend: `${alarm.todo.slice(0, 3).join(' ')} Then end the alarm: page Firewall, or whyblocked firewall --end-alarm.`,
    }),
  ];
}

/** Tried with a stand-in that behaves as csf 15.10 was recorded; what another version does shows at its first act. */
function tryCheck({ last, refusal }: FirewallLooks): Check {
  const title = 'csf’s answers';
  if (last === null || refusal !== null)
    return check('csf-answers', title, {
      state: 'unknown',
      found: 'no act yet',
      means:
        'Words and files of csf 15.10 are known. Whether this csf writes the same shows at the first act: what is not understood is said and raises the alarm, it is never taken for success.',
    });
  return check('csf-answers', title, {
    state: last.state === 'failed' ? 'warn' : 'ok',
    found: `act ${last.id}: ${last.sentence ?? ''}`.slice(0, 300),
    means:
      last.state === 'failed'
        ? 'The last act did not end as it was asked for.'
        : 'csf’s words were understood, and its files agreed.',
  });
}

const HOOK_STATES: Readonly<Record<HookView['state'], Check['state']>> = {
  ours: 'ok',
  free: 'info',
  taken: 'info',
  odd: 'warn',
  none: 'info',
};

/** How the hook in csf.conf stands: blocks are heard of without it too, it adds lfd's own words and lines. */
export function hookCheck(view: HookView): Check {
  const isStuck = view.state === 'ours' && view.todo.length > 0;
  const odd = view.refused > 0 ? ` ${view.refused} files in its folder were no calls of lfd.` : '';
  return check('csf-hook', 'BLOCK_REPORT', {
    state: isStuck ? 'warn' : HOOK_STATES[view.state],
    found: `${view.sentence}${odd}`,
    means:
      'Blocks are heard of from lfd.log and csf’s lists as well; the hook adds the log lines that lfd counted.',
    mend: view.todo.length > 0 ? view.todo.join(' ') : null,
  });
}
