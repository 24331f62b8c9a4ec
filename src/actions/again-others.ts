// What happens again after an unblock where it is not ModSecurity that lfd counted. Pure.
import { blockLength, confNumber, ordinal } from './conf-numbers.ts';
import type { Statement } from './explanation.ts';
import { spanWords, triggerInfo } from './triggers.ts';

type Conf = ReadonlyMap<string, string>;

/** How a trigger's limit is reached again, and what has to be mended first. */
export function againByOthers(conf: Conf, trigger: string): Statement[] {
  const info = triggerInfo(trigger);
  const words = summed(conf, trigger) ?? limited(conf, trigger, info?.counted ?? null);
  const advice = info?.advice ?? null;
  return [words, ...(advice === null ? [] : [said('inferred', advice)])];
}

/** Blocks that lfd makes of other blocks, or for others. */
function summed(conf: Conf, trigger: string): Statement | null {
  const count = confNumber(conf, `${trigger}_COUNT`);
  const within = spanWords(confNumber(conf, `${trigger}_INTERVAL`) ?? 86_400);
  switch (trigger) {
    case 'LF_CLUSTER':
      return said('inferred', 'Another server of the cluster asked for the block, and may ask again.');
    case 'LF_PERMBLOCK':
      return said(
        'inferred',
        `lfd blocks it for good again after more than ${count ?? 'LF_PERMBLOCK_COUNT'} temporary blocks within ${within}; csf -dr forgets those that it had.`,
      );
    case 'LF_NETBLOCK':
      return said(
        'inferred',
        `lfd blocks the net again after more than ${count ?? 'LF_NETBLOCK_COUNT'} blocks of its addresses within ${within}.`,
      );
    case 'LF_CUSTOMTRIGGER':
      return said(
        'missing',
        'An expression of this server’s own (regex.custom.pm) blocked it: at which hit it does so again is not known here.',
      );
    default:
      return null;
  }
}

/** Settings that are limits of one moment or of an hour, not counts over LF_INTERVAL. */
const SPANS: ReadonlyMap<string, string | null> = new Map([
  ['CT_LIMIT', null],
  ['CT_SUBNET_LIMIT', null],
  ['PS_LIMIT', 'PS_INTERVAL'],
]);
/** lfd blocks when the limit is passed, not when it is reached. */
const PASSED = /^(?:LF_APACHE_40[134]|CT_LIMIT|CT_SUBNET_LIMIT|LT_\w{1,20}|RT_\w{1,30})$/;

function limited(conf: Conf, trigger: string, counted: readonly [string, string] | null): Statement {
  const limit = confNumber(conf, trigger);
  if (limit === null || counted === null)
    return said(
      'missing',
      `At which failure lfd blocks again is not known: csf.conf does not say (${trigger}).`,
    );
  if (limit === 0) return said('known', `${trigger} is 0 by now: lfd does not block for that any more.`);
  const what = PASSED.test(trigger)
    ? `with more than ${limit} ${counted[1]}`
    : `at the ${ordinal(limit)} ${counted[0]}`;
  const within = withinWords(conf, trigger);
  const length = lengthWords(conf, trigger);
  return said('inferred', `lfd blocks it again ${what}${within}${length} (${trigger}).`);
}

function withinWords(conf: Conf, trigger: string): string {
  // The words of these say their time themselves: open connections, logins within an hour.
  if (trigger.startsWith('LT_')) return '';
  const key = SPANS.has(trigger) ? (SPANS.get(trigger) ?? null) : 'LF_INTERVAL';
  const seconds = key === null ? null : confNumber(conf, key);
  return seconds === null ? '' : ` within ${spanWords(seconds)}`;
}

function lengthWords(conf: Conf, trigger: string): string {
  if (trigger.startsWith('CT_')) {
    const seconds = confNumber(conf, 'CT_BLOCK_TIME');
    if (confNumber(conf, 'CT_PERMANENT') === 1) return ', for good';
    return seconds === null ? '' : `, for ${spanWords(seconds)}`;
  }
  const length = blockLength(trigger, conf);
  return length === null ? '' : `, ${length}`;
}

function said(basis: Statement['basis'], sentence: string): Statement {
  return { basis, sentence, lines: [] };
}
