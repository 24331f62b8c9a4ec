// From an incident to the firewall: links to the previews of what can be done about its block. They change nothing by themselves.
import { actTarget, isBlocked } from '../actions/act-target.ts';
import type { Explanation } from '../actions/explanation.ts';
import type { FirewallRequest } from '../actions/firewall-view.ts';
import { firewallActLink } from './firewall-query.ts';

/** A link to a preview. `key`: the key that follows it; empty for none. */
export interface BlockAct {
  readonly href: string;
  readonly text: string;
  readonly key: string;
}

const DAY = 86_400;

/** What can be done about the block of an explanation; nothing where no address is known, or the mail is another server's. */
export function blockActs(explanation: Explanation): readonly BlockAct[] {
  const { block, verdict, incident } = explanation;
  const target = actTarget(explanation);
  if (block === null || target === null) return [];
  const link = (act: FirewallRequest['act'], change: Partial<FirewallRequest> = {}): string =>
    firewallActLink({ act, target, incidentFrom: incident?.from ?? null, ...change });
  if (!isBlocked(explanation))
    return block.state === 'none' && verdict?.label === 'attack'
      ? [{ href: link('temp-block', { seconds: DAY }), text: 'Block…', key: '' }]
      : [];
  const unblock =
    verdict?.label === 'unclear'
      ? { href: link('unblock', { thenAllow: DAY }), text: 'Unblock for 24 hours and watch…' }
      : { href: link('unblock'), text: 'Unblock…' };
  const letIn = { href: link('temp-allow', { seconds: DAY }), text: 'Let in for 24 hours…', key: '' };
  return [{ ...unblock, key: 'u' }, letIn];
}
