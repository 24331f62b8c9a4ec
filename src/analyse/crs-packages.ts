// The exclusion packages of CRS: which paths of which application they cover, and whether one is enabled here.
// Sources: crs-setup.conf.example rule 900130 and REQUEST-903.900x-*-EXCLUSION-RULES.conf of CRS 3.3; the plugin
// registry of CRS 4 (github.com/coreruleset/plugin-registry).
import type { Catalogue } from './catalogue.ts';

export interface CrsPackage {
  /** As in `tx.crs_exclusions_wordpress` and `wordpress-rule-exclusions-plugin`. */
  readonly name: string;
  readonly app: string;
  /** Paths, without query, at which the package takes rules out. */
  readonly paths: RegExp;
}

/** on, off: for all requests; some: for some requests; unknown: no configuration of CRS was found. */
export type PackageState = 'on' | 'off' | 'some' | 'unknown';

export const CRS_PACKAGES: readonly CrsPackage[] = [
  {
    name: 'wordpress',
    app: 'WordPress',
    paths: /\/(?:wp-(?:admin\/|json\/|login\.php$|comments-post\.php$|cron\.php$)|xmlrpc\.php$)/,
  },
  {
    name: 'drupal',
    app: 'Drupal',
    paths:
      /\/(?:node\/(?:add\/|\{n\}\/edit$|\d+\/edit$)|admin\/(?:content|structure|config|people)\/|file\/ajax\/field_|core\/install\.php$)/,
  },
  {
    name: 'nextcloud',
    app: 'Nextcloud',
    paths: /\/(?:remote\.php(?:\/|$)|index\.php\/(?:apps|core|settings|login)\b|ocs\/v[12]\.php\/)/,
  },
  { name: 'dokuwiki', app: 'DokuWiki', paths: /\/(?:doku\.php(?:\/|$)|lib\/exe\/ajax\.php$)/ },
  {
    name: 'xenforo',
    app: 'XenForo',
    paths:
      /\/(?:conversations\/(?:add|add-preview)$|threads\/[^/]{1,200}\/(?:add-reply|reply-preview)$|posts\/[^/]{1,200}\/edit$|account\/account-details$|forums\/[^/]{1,200}\/post-thread$)/,
  },
  { name: 'cpanel', app: 'cPanel’s own checks', paths: /^\/whm-server-status$/ },
];

/** The package that covers a path; null for none. */
export function packageFor(path: string): CrsPackage | null {
  return CRS_PACKAGES.find(({ paths }) => paths.test(path)) ?? null;
}

/** Whether the configuration enables a package: by CRS 3's variable, or as a plugin of CRS 4. */
export function packageState({ tx, order, rules }: Catalogue, { name }: CrsPackage): PackageState {
  if (order.rules.length === 0) return 'unknown';
  const plugin = `${name}-rule-exclusions`;
  const isThere = [...rules.values()].some((entries) =>
    entries.some(({ rule, loaded }) => loaded !== false && rule.file.includes(`/${plugin}`)),
  );
  if (isThere) return tx.get(`${plugin}-plugin_enabled`)?.value === '0' ? 'off' : 'on';
  const variable = `crs_exclusions_${name}`;
  const set = tx.get(variable);
  if (set?.value === '1') return 'on';
  const isSome =
    (set?.elsewhere.length ?? 0) > 0 ||
    order.rules.some(({ rule, removed }) => removed === null && setsForSome(rule.setvars, variable));
  return isSome ? 'some' : 'off';
}

function setsForSome(setvars: readonly string[], variable: string): boolean {
  return setvars.some((one) => one.toLowerCase().replace(/\s/g, '') === `tx.${variable}=1`);
}
