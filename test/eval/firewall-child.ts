// One act on the firewall in a process of its own, for eval:firewall, which kills it. Says when it is ready.
import { carryOutFirewall } from '../../src/actions/firewall-act.ts';
import { firewallOrder } from '../../src/actions/firewall-plan.ts';
import type { FirewallRequest } from '../../src/actions/firewall-view.ts';
import { configOf } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';

const [root = '', config = '', state = '', text = '{}'] = process.argv.slice(2);
const request = JSON.parse(text) as FirewallRequest;
const ctx = openContext({
  ...configOf(config),
  root,
  state,
  version: '0.0.0',
  env: { HOME: '/nonexistent' },
  warn: () => undefined,
});
process.stdout.write('ready\n');
try {
  const order = await firewallOrder(ctx, request, {
    who: 'root',
    address: null,
    reason: 'will be killed',
    typed: request.target,
    seen: null,
  });
  await carryOutFirewall(ctx, order);
} catch (error) {
  // A refusal is an end like any other.
  if (!['Refused', 'BadInput'].includes((error as Error).name)) throw error;
}
ctx.close();
