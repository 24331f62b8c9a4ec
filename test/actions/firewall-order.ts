// What the suites of acts on the firewall share: the product's context on a server with csf's stand-in, requests, a confirmation.
import { join } from 'node:path';
import type { Confirmation } from '../../src/actions/firewall-plan.ts';
import type { FirewallRequest } from '../../src/actions/firewall-view.ts';
import { configOf } from '../../src/config.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import type { CsfServer } from '../csf/kit.ts';
import { tempDir } from '../host/make-root.ts';

/** A context on the server, with a state folder of its own unless named; the caller closes it. */
export function openOnCsf(server: CsfServer, state = join(tempDir(), 'state')): OpenContext {
  return openContext({
    ...configOf(server.configFile),
    root: server.root,
    state,
    version: '0.0.0',
    env: { HOME: '/nonexistent' },
    warn: () => undefined,
  });
}

export function request(
  act: FirewallRequest['act'],
  target: string,
  more: Partial<FirewallRequest> = {},
): FirewallRequest {
  return { act, target, seconds: null, wholeNet: false, thenAllow: null, incidentFrom: null, ...more };
}

/** Root, with a reason, who has seen no preview. */
export const BY: Confirmation = {
  who: 'root',
  address: null,
  reason: 'ticket 8841',
  typed: null,
  seen: null,
};
