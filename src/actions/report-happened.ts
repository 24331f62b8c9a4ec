// "What happened" and "Why": the requests of one site, the rules that refused them, and the block that followed.
import { pathTemplate } from '../analyse/causes.ts';
import { count } from '../analyse/sentences.ts';
import type { CaseBlock, CaseRequest, ReportCase } from './report-case.ts';
import { actWords, placeName } from './report-place.ts';
import { plainOf, timeOf, valueOf } from './report-value.ts';
import type { ReportBlock, ReportSection, Spans } from './report-view.ts';
import { spanWords, triggerInfo } from './triggers.ts';

const MOST_ROWS = 8;

const text = (...spans: Spans): ReportBlock => ({ kind: 'text', spans });

/** A name of the site for a sentence. */
export function siteName({ vhost }: ReportCase): Spans {
  return vhost === null ? ['the server itself (no site by its name)'] : ['your site ', valueOf(vhost)];
}

/** The address, or the net that stands for it. */
export function addressWords({ client }: ReportCase): Spans {
  return [client.includes('/') ? 'an address in the net ' : 'the address ', valueOf(client)];
}

/** When the requests came: `on 5 Jan 2027, 07:20:52` or `between … and …`. */
function spanOf({ from, to }: ReportCase): string {
  if (from === null || to === null) return '';
  const [first, last] = [timeOf(from), timeOf(to)];
  if (first === last) return `on ${first}`;
  const [day, at] = first.split(', ');
  const [lastDay, lastAt] = last.split(', ');
  return day === lastDay
    ? `on ${day ?? ''} between ${at ?? ''} and ${lastAt ?? ''}`
    : `between ${first} and ${last}`;
}

/** The title of the report. */
export function reportTitle({ requests, client, vhost, from, block }: ReportCase): Spans {
  const since = requests.length === 0 ? (block?.since ?? null) : from;
  const day = since === null ? '' : ` on ${timeOf(since).split(',')[0] ?? ''}`;
  if (requests.length === 0) return ['About the address ', valueOf(client), day];
  const site: Spans = vhost === null ? [] : [' to ', valueOf(vhost)];
  return [requests.some(({ isRefused }) => isRefused) ? 'Refused requests' : 'Requests', ...site, day];
}

/** The section "What happened". */
export function happened(one: ReportCase): ReportSection {
  const { requests } = one;
  const refused = requests.filter(({ isRefused }) => isRefused);
  const least = one.isPart ? 'at least ' : '';
  const clock = one.isOffsetKnown ? 'the server’s clock' : 'the server’s clock, as far as it is known';
  const blocks: ReportBlock[] = [];
  const none = requests.length === 1 ? ' It was not refused.' : ' None of them was refused.';
  if (requests.length > 0)
    blocks.push(
      text(
        refused.length === 0
          ? `Rules of the web firewall reacted to ${least}${count(requests.length, 'request')} to `
          : `The web firewall of the server refused ${least}${count(refused.length, 'request')} to `,
        ...siteName(one),
        ` ${spanOf(one)} (${clock}, ${one.offset}).${refused.length === 0 ? none : ''} ${requests.length === 1 ? 'It' : 'They'} came from `,
        ...addressWords(one),
        '.',
      ),
    );
  if (refused.length > 0) blocks.push(refusedTable(refused));
  const passed = refused.length === 0 ? 0 : requests.length - refused.length;
  if (passed > 0)
    blocks.push(text(`${least}${count(passed, 'more request')} set off a rule and got through.`));
  blocks.push(...blockWords(one));
  return { heading: 'What happened', blocks };
}

interface Row {
  readonly what: string;
  path: string | null;
  count: number;
}

/** What was refused, by what it was and where it went; numbers in paths are taken together. */
function refusedTable(refused: readonly CaseRequest[]): ReportBlock {
  const rows = new Map<string, Row>();
  for (const request of refused) {
    const what = actWords(request);
    const template = request.path === null ? null : pathTemplate(request.path);
    const key = `${what} ${template ?? ''}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { what, path: request.path, count: 1 });
    else {
      known.count++;
      if (known.path !== request.path) known.path = template;
    }
  }
  const all = [...rows.values()].sort((a, b) => b.count - a.count);
  const shown = all
    .slice(0, MOST_ROWS)
    .map(({ what, path, count: times }) => [
      [what],
      path === null ? ['not in the logs'] : [valueOf(path)],
      [String(times)],
    ]);
  const rest = all.slice(MOST_ROWS).reduce((sum, row) => sum + row.count, 0);
  if (rest > 0)
    shown.push([['others'], [`${all.length - MOST_ROWS} more addresses of pages`], [String(rest)]]);
  return { kind: 'table', head: ['What was sent', 'Where to', 'Refused'], rows: shown };
}

/** What csf did, and whether it still does. */
function blockWords(one: ReportCase): ReportBlock[] {
  const { block, requests } = one;
  if (block === null) return [];
  if (block.since === null) return standingWords(one, block.state);
  const now = stateWords(block);
  const when = timeOf(block.since);
  const who: Spans = block.isNet ? ['a net that holds ', ...addressWords(one)] : ['the address'];
  if (block.isForThese)
    return [
      text(
        'Because of such refusals the firewall of the server blocked ',
        ...who,
        ` on ${when}${countWords(one, block)}. ${now}`,
      ),
    ];
  const why = reasonWords(one, block);
  const whom: Spans = block.isNet || requests.length > 0 ? who : addressWords(one);
  const clock = requests.length > 0 ? '' : ` (the server’s clock, ${one.offset})`;
  return [text('The firewall of the server blocked ', ...whom, ` on ${when}${clock}${why}. ${now}`)];
}

/** A block of which nothing tells when it began, or none. */
function standingWords(one: ReportCase, state: CaseBlock['state']): ReportBlock[] {
  // Of a net that stands for it the sentence would say something of all others in it.
  const name: Spans = one.client.includes('/') ? [] : [' ', valueOf(one.client)];
  if (state === 'unknown') return [text('Whether the address', ...name, ' is blocked is not known.')];
  const is = state === 'none' ? ' is not blocked.' : ' is blocked; since when is not known.';
  return [text('The address', ...name, is)];
}

/** What lfd counted. It counts all sites together: where others were touched, the number is not this site's. */
function countWords({ isSole }: ReportCase, { count: counted, intervalSeconds }: CaseBlock): string {
  if (!isSole || counted === null) return '';
  const within = intervalSeconds === null ? '' : ` within ${spanWords(intervalSeconds)}`;
  return ` (it counted ${count(counted, 'refusal')}${within})`;
}

function reasonWords(one: ReportCase, block: CaseBlock): string {
  const { trigger, count: counted, intervalSeconds, isNotWeb } = block;
  const info = triggerInfo(trigger);
  const hasRequests = one.requests.length > 0;
  if (info === null)
    return hasRequests ? ', for another reason' : ', for a reason that its list does not tell';
  const [single, many] = trigger === 'LF_MODSEC' ? REFUSED : info.counted;
  // lfd counts all sites together.
  const number = isNotWeb || one.isSole ? counted : null;
  const what = number === null ? many : `${number} ${number === 1 ? single : many}`;
  const within = intervalSeconds === null ? '' : ` within ${spanWords(intervalSeconds)}`;
  return `: ${what}${within}${hasRequests && !isNotWeb ? ', at another time than these' : ''}`;
}

const REFUSED = ['refused web request', 'refused web requests'] as const;

function stateWords({ state, until }: CaseBlock): string {
  switch (state) {
    case 'permanent':
      return 'It is still blocked, with no end set.';
    case 'temporary':
      return until === null ? 'It is still blocked, for a time.' : `It is blocked until ${timeOf(until)}.`;
    case 'none':
      return 'It is not blocked any more.';
    default:
      return 'Whether it is still blocked is not known.';
  }
}

/** The section "Why": which rules reacted, to what kind of text, where. Null where the logs do not tell. */
export function whyRefused(one: ReportCase, titleOf: (ruleId: string) => string): ReportSection | null {
  const refused = one.requests.filter(({ isRefused }) => isRefused);
  const rows = new Map<string, { ruleId: string; place: Spans; requests: Set<CaseRequest> }>();
  for (const request of refused)
    for (const { ruleId, target } of request.hits) {
      const place = placeName(target);
      const key = `${ruleId} ${plainOf(place)}`;
      const row = rows.get(key) ?? { ruleId, place, requests: new Set<CaseRequest>() };
      row.requests.add(request);
      rows.set(key, row);
    }
  if (rows.size === 0) return null;
  const all = [...rows.values()].sort((a, b) => b.requests.size - a.requests.size);
  const table: ReportBlock = {
    kind: 'table',
    head: ['Rule', 'What it took it for', 'Where', 'Count'],
    rows: all
      .slice(0, MOST_ROWS)
      .map(({ ruleId, place, requests }) => [[ruleId], [titleOf(ruleId)], place, [String(requests.size)]]),
  };
  const rest = all.length - MOST_ROWS;
  const more =
    rest > 0
      ? [text(`${count(rest, 'more pair')} of rule and place ${rest === 1 ? 'is' : 'are'} left out.`)]
      : [];
  return { heading: 'Why they were refused', blocks: [table, ...more, ...pointWords(refused)] };
}

function pointWords(refused: readonly CaseRequest[]): ReportBlock[] {
  const limits = new Set(refused.flatMap(({ limit }) => limit ?? []));
  const totals = refused.flatMap(({ total }) => total ?? []);
  const [limit] = limits;
  if (limits.size !== 1 || limit === undefined || totals.length === 0) return [];
  const [least, most] = [Math.min(...totals), Math.max(...totals)];
  const had = least === most ? String(least) : `${least} to ${most}`;
  return [
    text(
      `Each rule gives a request points. With ${limit} or more it is refused; ${refused.length === 1 ? 'this one' : 'these'} had ${had}.`,
    ),
  ];
}
