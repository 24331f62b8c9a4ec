// How an act on the firewall ended, in a sentence: what csf's files say of the address now.
import type { FirewallActState, NewFirewallAct } from '../model-firewall.ts';
import type { Context } from './context.ts';
import type { PlaceView } from './firewall-view.ts';
import { whereNow } from './firewall-where.ts';
import type { WhereFacts } from './where-facts.ts';

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

/** In testing mode csf writes its lists alone. */
function isInForce({ off, firewall }: WhereFacts): boolean {
  return off.length === 0 && ['', '0'].includes(firewall.conf.get('TESTING') ?? '');
}

/** The real outcome: where the address stands now, not what was asked for. */
export async function endSentence(
  ctx: Context,
  { act, target }: Pick<NewFirewallAct, 'act' | 'target'>,
  state: Exclude<FirewallActState, 'running'>,
): Promise<string> {
  const { where, facts } = await whereNow(ctx, target);
  const denies = where.places.filter(({ kind, basis }) => !/allow|ignore/.test(kind) && basis !== 'missing');
  const allows = where.places.filter(({ kind, basis }) => LETS_IN.has(kind) && basis === 'known');
  const told = (places: readonly PlaceView[]): string =>
    places.map(({ sentence }) => sentence.replace(/\.$/, '')).join('; ');
  const listed = allows.length > 0 ? allows : denies;
  const now =
    listed.length > 0 && !isInForce(facts)
      ? `csf’s lists hold ${target} now, but they are not in force: ${told(listed)}.`
      : allows.length > 0
        ? `${target} is let in now: ${told(allows)}.`
        : denies.length > 0
          ? `${target} is blocked now: ${told(denies)}.`
          : facts.firewall.readable
            ? `csf does not block ${target} now.`
            : `Whether csf blocks ${target} now is not known: csf.deny could not be read whole.`;
  if (state === 'done') return now;
  const how = state === 'refused' ? 'was refused by csf; nothing was changed.' : 'went wrong.';
  return `${WORDS[act]} of ${target} ${how} ${now}`;
}
