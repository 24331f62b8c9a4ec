// HUMAN: what browsers do by themselves: referers, parts of pages, fetch headers.
import type { Evidence, RequestFacts } from '../../model.ts';
import { isAsset, pageKey } from '../access-context.ts';
import { count } from '../sentences.ts';
import { flagged, linesOf, siteOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const PAGES = 4;

/** H3: half of its requests and more name a page of the same site as where they came from. */
export function ownReferer(input: EvidenceInput): Evidence {
  const records = flagged(input).filter(({ request }) => request !== null);
  const asked =
    records.length > 0
      ? records.map((one) => ({
          vhost: one.vhost,
          referer: one.request?.referer ?? null,
          lines: linesOf([one]),
        }))
      : (input.context?.hits ?? []).map((hit) => ({
          vhost: hit.vhost,
          referer: hit.referer,
          lines: [hit.ref],
        }));
  if (asked.length === 0) return unknown('H3', 'Which pages it came from stands in none of these lines.');
  const own = asked.filter(({ vhost, referer }) => vhost !== null && isOwn(input, vhost, referer));
  if (own.length > 0 && own.length * 2 >= asked.length)
    return present(
      'H3',
      'It came from other pages of the same site (it says so itself).',
      own.flatMap(({ lines }) => lines).slice(0, 20),
    );
  return absent('H3', 'Its requests do not come from other pages of the site.');
}

function isOwn(input: EvidenceInput, vhost: string, referer: string | null): boolean {
  const host = /^https?:\/\/([\w.-]{1,255})(?::\d{1,5})?(?:[/?#]|$)/i.exec(referer ?? '')?.[1]?.toLowerCase();
  return host !== undefined && (host === vhost || siteOf(input, host) === siteOf(input, vhost));
}

/** H4x: four pages and more, and never a picture, style or script, not even in the hours before. */
export function noAssets(input: EvidenceInput): Evidence {
  if (input.context === null || !input.has.accessLog)
    return unknown('H4x', 'Whether it loads the parts of pages: no access log shows it.');
  const ok = input.context.hits.filter(({ status }) => status === 200 || status === 304);
  const before = input.lookBack?.hits.some(({ uri }) => isAsset(uri)) === true;
  if (before || ok.some(({ uri }) => isAsset(uri))) return absent('H4x', 'It loads the parts of pages too.');
  const pages = new Set(ok.map(({ vhost, uri }) => `${vhost ?? ''} ${pageKey(uri)}`));
  if (pages.size >= PAGES)
    return present(
      'H4x',
      `${count(pages.size, 'page')} read, and never a picture or a style sheet.`,
      ok.slice(0, 20).map(({ ref }) => ref),
    );
  if (!input.contextCovered)
    return unknown('H4x', 'Whether it loads the parts of pages: the access logs do not cover the time.');
  return absent('H4x', `It read ${count(pages.size, 'page')}: too few to miss their parts.`);
}

/** H5: fetch headers say that a page of the same site sent the request, and client hints fit the browser named. */
export function fetchHeaders(input: EvidenceInput): Evidence {
  const records = flagged(input).flatMap((one) =>
    one.request === null ? [] : [{ one, request: one.request }],
  );
  if (records.length === 0) return unknown('H5', 'Which fetch headers it sent: no audit record shows them.');
  if (
    records.every(
      ({ request }) => request.fetchSite === undefined && !request.headerNames.includes('sec-fetch-site'),
    )
  )
    return absent('H5', 'It sent no fetch headers.');
  const fitting = records.filter(({ request }) => request.fetchSite === 'same-origin' && hintsFit(request));
  if (fitting.length * 2 >= records.length)
    return present(
      'H5',
      'Its fetch headers fit the browser it names, and say that a page of the site sent the request.',
      linesOf(fitting.map(({ one }) => one)),
    );
  return absent('H5', 'Its fetch headers do not show a page of the same site.');
}

/** Chrome and its kin send hints with their version; Firefox and Safari send none. Plain http has none. */
function hintsFit({ userAgent, clientHints }: RequestFacts): boolean {
  if (clientHints == null) return true;
  const version = /\bChrome\/(\d{2,4})\./.exec(userAgent ?? '')?.[1];
  return (
    version !== undefined &&
    new RegExp(`"(?:Chromium|Google Chrome|Microsoft Edge|Opera)";\\s?v="${version}"`).test(clientHints)
  );
}
