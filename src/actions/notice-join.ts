// Which of the blocks that are known one is that is heard of again: lfd.log, the hook, csf.deny and csf.tempban tell of the same one.
import type { NewNotice, Notice } from '../model-firewall.ts';

/**
 * How far apart the times may be. lfd writes its line when csf has ended and calls the hook then: within 1.2 s in all recorded blocks.
 * csf waits for locks and its firewall commands, so a minute is allowed. Blocks of one address may be as close as 10 s; they
 * are told apart because each source tells of a block once.
 */
export const JOIN_MS = 60_000;

/** What the blocks of one address within a minute are told apart by. */
type Block = Pick<NewNotice, 'trigger' | 'message' | 'ports' | 'permanent'>;

/**
 * The one of `known` (about the same address) that `told` is, too; null when it is another block. That is: of the same family (a
 * summed block, PERMBLOCK or NETBLOCK, never is the block that led to it), both permanent or both not, with the same sentence or
 * trigger, and not told of by this source yet, except that lfd.log and csf.deny have a line for each port. Of several the same
 * sentence counts first, then time.
 */
export function joinable(known: readonly Notice[], told: NewNotice): Notice | null {
  const sentence = sentenceOf(told.message);
  const fits = known.filter(
    (one) =>
      Math.abs(one.at - told.at) <= JOIN_MS &&
      familyOf(one) === familyOf(told) &&
      isKnownSame(one.permanent, told.permanent) &&
      (sentenceOf(one.message) === sentence || isKnownSame(one.trigger, told.trigger)) &&
      (!one.sources.includes(told.source) || isFurtherPort(one, told)),
  );
  const rank = (one: Notice): number =>
    (sentenceOf(one.message) === sentence ? 0 : 2 * JOIN_MS) + Math.abs(one.at - told.at);
  return fits.sort((a, b) => rank(a) - rank(b) || a.id - b.id)[0] ?? null;
}

function familyOf({ trigger }: Block): string {
  return trigger === 'LF_PERMBLOCK' || trigger === 'LF_NETBLOCK' ? trigger : 'hits';
}

/** What one of them does not tell says nothing: csf.deny has no tag, and its sentence may be an admin's own. */
function isKnownSame<Value>(one: Value | null, other: Value | null): boolean {
  return one === null || other === null || one === other;
}

/** lfd.log and csf.deny have a line for each port of a permanent block; once it stands, it is not made again. */
function isFurtherPort(one: Block, told: Block): boolean {
  const isByPort = one.ports !== null && told.ports !== null && told.permanent === true;
  return isByPort && sentenceOf(one.message) === sentenceOf(told.message);
}

/** lfd's sentence without what lfd.log puts behind it, and without what csf's command line may change: blanks and quotes. */
export function sentenceOf(message: string): string {
  const at = message.lastIndexOf(' - *');
  const sentence =
    at < 0 || !/^ - \*[^*[\]]{1,80}\*/.test(message.slice(at)) ? message : message.slice(0, at);
  return sentence
    .slice(0, 2000)
    .replace(/['"\s]+/g, ' ')
    .trim();
}
