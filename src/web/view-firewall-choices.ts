// What can be chosen about an act on the firewall: for how long, and whether a whole net is meant. Each choice is a link to its
// own preview, so that the commands shown are always those that would be run.
import type { FirewallPlan, FirewallRequest } from '../actions/firewall-view.ts';
import { firewallActLink } from './firewall-query.ts';
import { interval } from './view-time.ts';

interface Choice {
  readonly href: string;
  readonly text: string;
  readonly current: boolean;
}

/** Choices of one kind, of which one is chosen. */
export interface ChoiceGroup {
  readonly label: string;
  readonly choices: readonly Choice[];
  /** Said under them; empty for nothing. */
  readonly hint: string;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const SPANS = [
  [HOUR, '1 hour'],
  [DAY, '24 hours'],
  [7 * DAY, '7 days'],
  [30 * DAY, '30 days'],
] as const;

/** The choices of a plan; none of an act that has none. */
export function choicesOf(plan: FirewallPlan): readonly ChoiceGroup[] {
  const { act } = plan.request;
  if (act === 'unblock') return [...netChoices(plan), ...afterChoices(plan)];
  if (act === 'temp-allow' || act === 'allow') return [spanChoices(plan.request, 'temp-allow', 'allow')];
  return act === 'temp-block' || act === 'block' ? [spanChoices(plan.request, 'temp-block', 'block')] : [];
}

function spanChoices(
  request: FirewallRequest,
  forWhile: 'temp-allow' | 'temp-block',
  forGood: 'allow' | 'block',
): ChoiceGroup {
  const seconds = request.act === forWhile ? (request.seconds ?? DAY) : null;
  const own =
    SPANS.some(([one]) => one === seconds) || seconds === null ? [] : [[seconds, interval(seconds)] as const];
  const spans = [...SPANS, ...own].map(([value, text]) => ({
    href: firewallActLink({ ...request, act: forWhile, seconds: value }),
    text,
    current: value === seconds,
  }));
  const good = {
    href: firewallActLink({ ...request, act: forGood, seconds: null }),
    text: 'for good',
    current: request.act === forGood,
  };
  return { label: 'For how long', choices: [...spans, good], hint: '' };
}

/** Letting it in after the unblock, for so long; where only that helps, there is no choice without. */
function afterChoices({ request, steps }: FirewallPlan): readonly ChoiceGroup[] {
  const isNeeded = request.thenAllow === null && steps.some(({ shown }) => shown.startsWith('csf -ta '));
  const chosen = isNeeded ? DAY : request.thenAllow;
  const none = {
    href: firewallActLink({ ...request, thenAllow: null }),
    text: 'no',
    current: chosen === null,
  };
  const spans = SPANS.slice(0, 3).map(([value, text]) => ({
    href: firewallActLink({ ...request, thenAllow: value }),
    text,
    current: value === chosen,
  }));
  return [
    {
      label: isNeeded ? 'Let it in for' : 'Then let it in, whatever lfd counts',
      choices: isNeeded ? spans : [none, ...spans],
      hint: 'Time to mend what was counted, or to watch. lfd goes on counting meanwhile.',
    },
  ];
}

/** Where a net covers the address: this address alone, or all of it. */
function netChoices({ request, where }: FirewallPlan): readonly ChoiceGroup[] {
  const nets = where.places.filter(
    ({ kind, isKept }) => (kind === 'deny-net' || kind === 'temp-deny-net') && isKept !== true,
  );
  if (nets.length === 0) return [];
  const names = nets.flatMap(({ entry }) => entry ?? []).join(' and ');
  return [
    {
      label: 'A net covers it',
      choices: [
        {
          href: firewallActLink({ ...request, wholeNet: false }),
          text: 'this address only: it is let in',
          current: !request.wholeNet,
        },
        {
          href: firewallActLink({ ...request, wholeNet: true }),
          text: `take all of ${names} out`,
          current: request.wholeNet,
        },
      ],
      hint: nets.map(({ way }) => way).join(' '),
    },
  ];
}
