// Names that clients give themselves, and host name labels of a cPanel server's own services.
import { anyOf, type PatternEntry } from './pattern-entry.ts';

export { ATTACK_TOOLS } from './attack-tools.ts';

export const LIBRARY_ENTRIES: readonly PatternEntry[] = [
  {
    re: /^(?:python|aiohttp|httpx|scrapy)/i,
    fits: ['python-requests/2.32.3', 'Python-urllib/3.12', 'aiohttp/3.9', 'httpx/0.27', 'Scrapy/2.11'],
    fitsNot: ['Mozilla/5.0 python', 'pyt/1', 'MonthyPython'],
  },
  {
    re: /^(?:curl|wget|libwww|lwp|perl|ruby)/i,
    fits: ['curl/8.5.0', 'Wget/1.24', 'libwww-perl/6.77', 'LWP::Simple/6.77', 'Ruby'],
    fitsNot: ['Mozilla/5.0 curl', 'w3m/0.5', 'Links (2.29)'],
  },
  {
    re: /^(?:go-http|java|okhttp|apache-httpclient)/i,
    fits: ['Go-http-client/2.0', 'Java/17.0.2', 'okhttp/4.12.0', 'Apache-HttpClient/4.5.14 (Java/17)'],
    fitsNot: ['Mozilla/5.0 (compatible; GoogleBot)', 'gopher/1', 'Apache/2.4'],
  },
  {
    re: /^(?:axios|node|undici|got\b)/i,
    fits: ['axios/1.7.2', 'node-fetch/1.0', 'undici', 'got (https://github.com/sindresorhus/got)'],
    fitsNot: ['gotham/1', 'Mozilla/5.0 (axios)'],
  },
  {
    re: /^(?:guzzle|php|custom-asynchttp)/i,
    fits: ['GuzzleHttp/7', 'PHP/8.3', 'Custom-AsyncHttpClient'],
    fitsNot: ['WordPress/6.9; https://shop.example.com', 'Mozilla/5.0 PHP'],
  },
  {
    re: /^(?:postman|insomnia|restsharp|winhttp)/i,
    fits: ['PostmanRuntime/7.39', 'insomnia/9', 'RestSharp/110.2', 'WinHTTP/1.0'],
    fitsNot: ['Post Office', 'Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)'],
  },
];

/** Libraries and command-line programs. */
export const SCRIPT_LIBRARIES: RegExp = anyOf(LIBRARY_ENTRIES);

const LABELS = [
  'www',
  'mail',
  'webmail',
  'cpanel',
  'whm',
  'webdisk',
  'cpcontacts',
  'cpcalendars',
  'autodiscover',
  'autoconfig',
  'ftp',
] as const;

/** Each label with host names whose first label it is, and host names where it is none. */
export const LABEL_ENTRIES: readonly PatternEntry[] = LABELS.map((label) => ({
  re: new RegExp(`^${label}\\.`, 'i'),
  fits: [`${label}.example.com`, `${label}.sub.example.com`],
  fitsNot: [`${label}2.example.com`, `my${label}.example.com`, `a.${label}.example.com`, label],
}));

/** First labels that belong to the domain behind them, e.g. `webmail.example.com`. */
export const SERVICE_LABELS: ReadonlySet<string> = new Set(LABELS);
