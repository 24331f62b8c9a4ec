// Codes of advertising, statistics and consent tools, with targets they are tested with.
import type { PatternEntry } from './pattern-entry.ts';

/** Tried on a whole target. */
export const TRACKING: readonly PatternEntry[] = [
  // tools that ask for consent
  {
    re: /^REQUEST_COOKIES(?:_NAMES)?:[\w.-]*(?:consent|cookie_?notice|cookielaw|cookieyes|borlabs|cmplz|gdpr|optanon|moove_gdpr|euconsent|usercentrics|didomi)[\w.-]*$/i,
    fits: [
      'REQUEST_COOKIES:cookieyes-consent',
      'REQUEST_COOKIES:CookieConsent',
      'REQUEST_COOKIES:OptanonConsent',
      'REQUEST_COOKIES:borlabs-cookie',
      'REQUEST_COOKIES:cmplz_marketing',
      'REQUEST_COOKIES:moove_gdpr_popup',
      'REQUEST_COOKIES_NAMES:euconsent-v2',
    ],
    fitsNot: [
      'ARGS:consent',
      'REQUEST_COOKIES:session',
      'REQUEST_COOKIES:a consent',
      'REQUEST_HEADERS:consent',
    ],
  },
  // statistics and advertising in cookies
  {
    re: /^REQUEST_COOKIES(?:_NAMES)?:(?:_ga\w*|_gid|_gcl_\w+|_fb[pc]|__utm\w+|_hj\w+|_pk_\w+|_clck|_clsk|mp_\w+|ajs_\w+|_uet\w+|sbjs_\w+|tk_\w+|hubspotutk|__hs\w+|intercom-\w+|li_\w+|_ttp)$/i,
    fits: [
      'REQUEST_COOKIES:_ga',
      'REQUEST_COOKIES:_ga_X1Y2Z3',
      'REQUEST_COOKIES:_gcl_au',
      'REQUEST_COOKIES:_fbp',
      'REQUEST_COOKIES:__utmz',
      'REQUEST_COOKIES:_hjSession_123',
      'REQUEST_COOKIES:_pk_id',
      'REQUEST_COOKIES:sbjs_first',
      'REQUEST_COOKIES:_ttp',
    ],
    fitsNot: ['REQUEST_COOKIES:ga', 'ARGS:_fbp', 'REQUEST_COOKIES:PHPSESSID', 'REQUEST_COOKIES:map_x'],
  },
  // what links of advertisements carry
  {
    re: /^ARGS(?:_GET|_NAMES|_GET_NAMES)?:(?:fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ttclid|twclid|igshid|mc_eid|mc_cid|utm_\w+|_ga|_gl|srsltid|hsa_\w+|_hs\w+|epik|li_fat_id|ref_src|irclickid)$/i,
    fits: [
      'ARGS:fbclid',
      'ARGS:gclid',
      'ARGS_GET:utm_source',
      'ARGS_NAMES:utm_campaign',
      'ARGS:msclkid',
      'ARGS:_gl',
      'ARGS:srsltid',
      'ARGS:mc_eid',
    ],
    fitsNot: [
      'ARGS_POST:fbclid',
      'ARGS:utm',
      'ARGS:id',
      'ARGS:clid',
      'ARGS:fbclid2',
      'REQUEST_COOKIES:gclid',
    ],
  },
  // the page before, and the cookies as one text
  {
    re: /^REQUEST_HEADERS:(?:Referer|Cookie)$/i,
    fits: ['REQUEST_HEADERS:Referer', 'REQUEST_HEADERS:cookie'],
    fitsNot: ['REQUEST_HEADERS:User-Agent', 'REQUEST_HEADERS:X-Cookie', 'ARGS:Referer'],
  },
];
