// What a story is: requests at times counted back from the end of the recording, and the headers browsers send.
import type { BedRequest } from '../send.ts';

export interface Step {
  /** Seconds from the end of the recording, negative. */
  readonly at: number;
  readonly request: BedRequest;
  /** The status that the client must get, or the recording fails. */
  readonly expect?: number;
}

export interface Story {
  readonly name: string;
  readonly steps: readonly Step[];
}

export const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0';
export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

export interface Visit {
  readonly client: string;
  readonly host: string;
  readonly userAgent: string;
  readonly language: string;
  readonly tls: boolean;
  readonly cookie?: string;
}

const ACCEPT_PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** Headers of one request of a browser: a page or, with `asset`, a part of a page. */
export function browserHeaders(visit: Visit, referer: string | null, asset: boolean): Record<string, string> {
  return {
    'User-Agent': visit.userAgent,
    Accept: asset ? '*/*' : ACCEPT_PAGE,
    'Accept-Language': visit.language,
    'Accept-Encoding': 'gzip, deflate, br',
    ...(referer === null ? {} : { Referer: referer }),
    ...(visit.cookie === undefined ? {} : { Cookie: visit.cookie }),
    'Sec-Fetch-Dest': asset ? 'empty' : 'document',
    'Sec-Fetch-Mode': asset ? 'no-cors' : 'navigate',
    'Sec-Fetch-Site': referer === null ? 'none' : 'same-origin',
  };
}

/** Address of a page of the visit, as a Referer has it. */
export function pageUrl(visit: Visit, path: string): string {
  return `${visit.tls ? 'https' : 'http'}://${visit.host}${path}`;
}

/** Where a page view comes from and what it loads. */
export interface PageView {
  /** Path of the page with the link; null for none. */
  readonly from: string | null;
  readonly assets: readonly string[];
}

/** One page read by a browser with the files that it needs, a few tenths of a second after each other. */
export function readPage(visit: Visit, at: number, path: string, { from, assets }: PageView): Step[] {
  const base = { host: visit.host, client: visit.client, tls: visit.tls };
  const page: Step = {
    at,
    request: {
      ...base,
      path,
      headers: browserHeaders(visit, from === null ? null : pageUrl(visit, from), false),
    },
    expect: 200,
  };
  const rest = assets.map((asset, i): Step => {
    const headers = browserHeaders(visit, pageUrl(visit, path), true);
    return { at: at + 0.3 + i * 0.11, request: { ...base, path: asset, headers }, expect: 200 };
  });
  return [page, ...rest];
}
