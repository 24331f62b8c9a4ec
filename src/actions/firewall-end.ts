// How an act on the firewall ended, in a sentence: what csf's files say of the address now.
import type { FirewallActState, NewFirewallAct } from '../model-firewall.ts';
import type { Context } from './context.ts';
import type { PlaceView } from './firewall-view.ts';
import { whereNow } from './firewall-where.ts';

const WORDS: Readonly<Record<NewFirewallAct['act'], string>> = {
  unblock: 'Unblock',
  'temp-allow': 'Temporary allow',
  allow: 'Allow',
  disallow: 'End of the allow',
  'temp-block': 'Temporary block',
  block: 'Block',
};

/** What lets an address in, whatever blocks it. */
const LETS_IN: ReadonlySet<PlaceView['kind']> = new Set<PlaceView['kind']>([
  'allow',
  'temp-allow',
  'global-allow',
  'allow-net',
]);

/** The real outcome: where the address stands now, not what was asked for. */
export async function endSentence(
  ctx: Context,
  { act, target }: Pick<NewFirewallAct, 'act' | 'target'>,
  state: Exclude<FirewallActState, 'running'>,
): Promise<string> {
  const { where } = await whereNow(ctx, target);
  const denies = where.places.filter(({ kind, basis }) => !/allow|ignore/.test(kind) && basis !== 'missing');
  const allows = where.places.filter(({ kind }) => LETS_IN.has(kind));
  const told = (places: readonly PlaceView[]): string =>
    places.map(({ sentence }) => sentence.replace(/\.$/, '')).join('; ');
  const now =
    allows.length > 0
      ? `${target} is let in now: ${told(allows)}.`
      : denies.length > 0
        ? `${target} is blocked now: ${told(denies)}.`
        : `csf does not block ${target} now.`;
  if (state === 'done') return now;
  const how = state === 'refused' ? 'was refused by csf; nothing was changed.' : 'went wrong.';
  return `${WORDS[act]} of ${target} ${how} ${now}`;
}
