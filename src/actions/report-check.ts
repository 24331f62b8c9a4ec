// "How to check" and "What is not known".
import { addressWords, siteName } from './report-happened.ts';
import type { ReportCase } from './report-case.ts';
import type { ReportSection, Spans } from './report-view.ts';

/** The section "How to check". */
export function howToCheck(one: ReportCase, isMended: boolean): ReportSection {
  const { requests, block } = one;
  const isBlocked = block?.state === 'permanent' || block?.state === 'temporary';
  const items: Spans[] = [];
  if (isBlocked) items.push([blockedWords(block.isWhole, requests.length > 0)]);
  if (requests.length === 0)
    items.push([
      'When it is mended, try again what did not work. If the address is blocked again, send the time.',
    ]);
  else items.push(...tryAgain(one, isMended, isBlocked));
  return { heading: 'How to check', blocks: [{ kind: 'list', items }] };
}

function blockedWords(isWhole: boolean, hasSite: boolean): string {
  const what = isWhole
    ? 'the server does not answer it at all'
    : 'some services of the server do not answer it';
  return `As long as the address is blocked, ${what}. From another connection, such as a phone without Wi-Fi, ${hasSite ? 'the site' : 'the server'} can be reached.`;
}

function tryAgain(one: ReportCase, isMended: boolean, isBlocked: boolean): Spans[] {
  if (one.verdict?.label === 'attack')
    return one.vhost === null
      ? []
      : [
          [
            'In the access log of ',
            ...siteName(one),
            ', as long as it is kept, the requests stand under ',
            ...addressWords(one),
            '.',
          ],
        ];
  if (!one.requests.some(({ isRefused }) => isRefused))
    return [['Nothing was refused, so there is nothing to try again.']];
  const again = isMended
    ? `${isBlocked ? 'When the block is lifted, do' : 'Do'} again what was refused: it should be answered as usual.`
    : 'The same request will be refused again until something is changed.';
  const send =
    'If it is refused again, write down the time to the minute and the address of the page, and send both.';
  return [[again], [send]];
}

/** The section "What is not known": never empty. */
export function notKnown(one: ReportCase): ReportSection {
  const items = [
    ...(one.requests.length > 0 ? unknownOfRequests(one) : []),
    ...unknownOfBlock(one),
    'Who used the address: the logs show an address, not a person.',
  ];
  return {
    heading: 'What is not known',
    blocks: [{ kind: 'list', items: items.map((item): Spans => [item]) }],
  };
}

function unknownOfRequests({ requests, sources, hasRecords, isPart }: ReportCase): string[] {
  const refused = requests.filter(({ isRefused }) => isRefused);
  const unnamed = refused.filter(({ hits }) => hits.length === 0).length;
  const hasGap = (kind: string): boolean =>
    sources.some((source) => source.kind === kind && source.state !== 'ok');
  const items: string[] = [];
  if (unnamed > 0) {
    const which = unnamed === refused.length ? '' : ` to ${unnamed} of the requests`;
    items.push(`Which rules reacted${which} is not in the logs that are left.`);
  }
  if (!hasRecords)
    items.push(
      'What exactly was sent is not in the logs: they tell the page and the rule, not the whole request.',
    );
  if (hasGap('access_log'))
    items.push(
      'What else the address read on the site is not known: the access logs do not reach that time.',
    );
  if (isPart)
    items.push('There were too many requests to look at each: the numbers are the least there were.');
  if (hasGap('error_log'))
    items.push('The error log does not cover all of the time, so there may have been more requests.');
  return items;
}

function unknownOfBlock({ block, requests }: ReportCase): string[] {
  if (block === null) return [];
  const items: string[] = [];
  if (requests.length === 0 && block.isWeb)
    items.push('Which requests were refused: they are not in the logs that are left.');
  if (block.state === 'unknown')
    items.push('Whether the address is blocked now: the firewall’s lists could not be read.');
  return items;
}
