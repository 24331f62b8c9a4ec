// Describes what clients did: requests with defaults of a browser, page views, logins. raw-lines.ts writes them as logs.
import type { RawHit } from './raw-lines.ts';

/** A log that can be missing; `facts` are the logs and lists of the other services (mail, lfd, csf). */
export type Source = 'error' | 'audit' | 'access' | 'facts';

/** One request; what is left out comes from the story or a browser. */
export interface Sent {
  /** Seconds after the story's start. */
  readonly at: number;
  /** Another visitor, by number: each has a network of its own, and 8.1 is another one in the network of 8. */
  readonly who?: number;
  /** Host header; `@b`, `@c` … name sites of other accounts, empty text none. The story's site when left out. */
  readonly host?: string;
  readonly method?: string;
  readonly uri: string;
  /** 403 when the hits refuse it, else 200. */
  readonly status?: number;
  /** Null: no such header. */
  readonly agent?: string | null;
  readonly referer?: string | null;
  /** Set beside a browser's own; null takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly hits?: readonly RawHit[];
}

/** A line of another service's log or list. `me` is the client, `site` its site, `account` the site's account. */
export interface Extra {
  readonly file: string;
  /** Seconds after the story's start; the line's place among the others. */
  readonly at: number;
  readonly line: (
    at: number,
    who: { readonly client: string; readonly site: string; readonly account: string },
  ) => string;
}

/** What DNS says of a client, as if it had been asked. */
export interface Dns {
  readonly state: 'confirmed' | 'mismatch' | 'none';
  readonly name: string | null;
}

export interface Story {
  readonly name: string;
  readonly sent: readonly Sent[];
  readonly agent?: string | null;
  readonly without?: readonly Source[];
  /** CRS's other setting: rules write to the audit log alone, the error_log has only the refusals. */
  readonly quiet?: true;
  readonly extra?: readonly Extra[];
  readonly dns?: Dns;
  /** Command lines after `whyblocked`, run before the question; `CLIENT` stands for the address. */
  readonly before?: readonly (readonly string[])[];
  /** Only the refusing lines in lfd's mail, with these fields cut out; nothing of it is in the logs. */
  readonly mail?: { readonly cut: readonly string[] };
}

export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0';
export const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
export const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
export const PYTHON = 'python-requests/2.32.3';

/** What Chrome sends with a request from a page of the same site. */
export const FETCH: Readonly<Record<string, string>> = {
  'Sec-Ch-Ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'Sec-Ch-Ua-Mobile': '?0',
  'Sec-Ch-Ua-Platform': '"Windows"',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
};
/** What Firefox sends then: it gives no client hints. */
export const FIREFOX_FETCH: Readonly<Record<string, string>> = {
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
};
/** Programs send neither language nor encodings. */
export const BARE: Readonly<Record<string, null>> = { 'Accept-Language': null, 'Accept-Encoding': null };

export function hit(rule: string, target: string, value: string, matched?: string): RawHit {
  return { rule, target, value, ...(matched === undefined ? {} : { matched }) };
}

/** A request that a protocol rule refuses: nothing of it is an attack, and no value is looked at. */
export function refused(at: number, uri = '/api/report', more: Partial<Sent> = {}): Sent {
  return {
    at,
    uri,
    method: 'POST',
    headers: { 'Content-Type': 'application/csp-report', ...more.headers },
    hits: [hit('920420', 'TX:content_type', '|application/csp-report|')],
    body: '{}',
    ...more,
  };
}

/** A query argument that rule 942100 reacts to and refuses. */
export function sqli(
  at: number,
  [uri, name]: readonly [string, string],
  value: string,
  more: Partial<Sent> = {},
): Sent {
  return {
    at,
    uri: `${uri}?${new URLSearchParams({ [name]: value }).toString()}`,
    hits: [hit('942100', `ARGS:${name}`, value, 's&1c')],
    ...more,
  };
}

/** A form that a rule refuses in one of its fields. */
export function posted(
  at: number,
  [uri, rule, field]: readonly [string, string, string],
  form: Readonly<Record<string, string>>,
  more: Partial<Sent> = {},
): Sent {
  const value = form[field] ?? '';
  return {
    at,
    uri,
    method: 'POST',
    form,
    hits: [hit(rule, `ARGS:${field}`, value, value.slice(0, 12))],
    ...more,
  };
}

const ASSETS = [
  '/css/site.css',
  '/js/site.js',
  '/img/logo.png',
  '/img/shop.jpg',
  '/fonts/a.woff2',
  '/img/icon.svg',
];

export interface Views {
  readonly who?: number;
  readonly host?: string;
  readonly agent?: string;
  readonly pages: readonly string[];
  /** Seconds between two pages. */
  readonly every?: number;
  readonly assets?: readonly string[];
  /** Whether requests say which page they came from. */
  readonly referer?: boolean;
}

/** Page views with style sheets, scripts and pictures, as a browser loads them. */
export function views(
  at: number,
  { pages, every = 20, assets = ASSETS, referer = false, ...who }: Views,
): Sent[] {
  return pages.flatMap((uri, index) => {
    const from = at + index * every;
    const came = (page: string | undefined): { referer?: string } =>
      referer && page !== undefined ? { referer: `https://SITE${page}` } : {};
    return [
      { at: from, uri, ...who, ...came(pages[index - 1]) },
      ...assets.map((asset) => ({ at: from + 1, uri: asset, ...who, ...came(uri) })),
    ];
  });
}

/** Reads four pages before second 0, and two after second 100. */
export function visit(more: Partial<Views> = {}): Sent[] {
  return [
    ...views(-120, { pages: ['/', '/products/', '/products/lamp', '/about/'], ...more }),
    ...views(more.every === undefined ? 400 : 500, { pages: ['/products/chair', '/contact/'], ...more }),
  ];
}

/** A WordPress login that works, and a look at the administration; author's pages too unless `author` is false. */
export function wordpressLogin(at: number, author = true, more: Partial<Sent> = {}): Sent[] {
  return [
    { at, uri: '/wp-login.php', ...more },
    {
      at: at + 12,
      uri: '/wp-login.php',
      method: 'POST',
      status: 302,
      form: { log: 'jana', pwd: 'correct horse', 'wp-submit': 'Log In' },
      ...more,
    },
    { at: at + 13, uri: author ? '/wp-admin/' : '/wp-admin/profile.php', ...more },
    { at: at + 30, uri: '/wp-admin/profile.php', ...more },
    ...(author
      ? [
          { at: at + 40, uri: '/wp-admin/edit.php', ...more },
          { at: at + 50, uri: '/wp-admin/post.php?post=412&action=edit', ...more },
        ]
      : []),
  ];
}

/** Password attempts at a WordPress login that all fail. */
export function failedLogins(at: number, count: number, every: number, more: Partial<Sent> = {}): Sent[] {
  return Array.from({ length: count }, (_, nth) => ({
    at: at + nth * every,
    uri: '/wp-login.php',
    method: 'POST',
    form: { log: 'admin', pwd: `guess${nth}`, 'wp-submit': 'Log In' },
    ...more,
  }));
}
