// The logins that the access lines of one client show, computed once for an input.
import { findLogins, type LoginProof, type Logins } from '../login-proof.ts';
import { flagged, flaggedInDay, siteOf, type EvidenceInput } from './evidence-input.ts';

const PROVED_MS = 12 * 3_600_000;
const NONE: Logins = { proofs: [], failed: [], worked: [], openToAll: [] };

/** Calls that passwords are guessed with: they ask for nothing but whether it fits. Others carry one to do their work. */
const GUESSING =
  /^(?:wp\.getUsersBlogs|wp\.getProfile|metaWeblog\.getUsersBlogs|blogger\.getUsersBlogs|system\.multicall)$/i;

const loginsCache = new WeakMap<EvidenceInput, Logins>();

/** All logins in the lines at hand; an XML-RPC client whose records show only calls that do work does not guess. */
export function loginsIn(input: EvidenceInput): Logins {
  const known = loginsCache.get(input);
  if (known !== undefined) return known;
  const lines = (input.lookBack ?? input.context)?.hits ?? [];
  const found =
    lines.length === 0
      ? NONE
      : findLogins(lines, {
          siteOf: (vhost) => siteOf(input, vhost),
          othersGet200: (path) => input.othersGet200?.(path) === true,
        });
  const methods = flaggedInDay(input).flatMap(({ request }) => request?.rpcMethod ?? []);
  const isEditor = methods.length > 0 && !methods.some((method) => GUESSING.test(method));
  const logins = isEditor
    ? { ...found, failed: found.failed.filter(({ app }) => app !== 'WordPress xmlrpc') }
    : found;
  loginsCache.set(input, logins);
  return logins;
}

/** Proved logins of the 12 hours before the incident's end, on sites with flagged requests. */
export function provedLogins(input: EvidenceInput): readonly LoginProof[] {
  const all = flagged(input);
  const end = all.at(-1)?.at ?? 0;
  const sites = new Set(all.flatMap(({ vhost }) => (vhost === null ? [] : [siteOf(input, vhost)])));
  return loginsIn(input).proofs.filter(
    ({ at, site }) => sites.has(site) && at <= end + 1000 && end - at <= PROVED_MS,
  );
}

const APPS: ReadonlyMap<string, string> = new Map([
  ['WordPress', 'wordpress'],
  ['phpMyAdmin', 'phpmyadmin'],
  ['Roundcube', 'webmail'],
  ['Joomla', 'joomla'],
  ['Magento', 'magento'],
]);

/** An application, as author fields name it, whose author was logged in on a site. */
export interface ProvedAuthor {
  readonly app: string;
  readonly site: string;
}

/** All authors that pages prove, or that an earlier judgement knew. */
export function provedAuthors(input: EvidenceInput): readonly ProvedAuthor[] {
  const seen = provedLogins(input).flatMap(({ app, site, authors }) => {
    const field = APPS.get(app);
    return authors && field !== undefined ? [{ app: field, site }] : [];
  });
  return [...(input.keptAuthors ?? []), ...seen];
}

/** Whether an author of this application (as author fields name it) was logged in on the site of a vhost. */
export function isProvedAuthor(input: EvidenceInput, app: string, vhost: string | null): boolean {
  if (vhost === null) return false;
  const site = siteOf(input, vhost);
  return provedAuthors(input).some((proof) => proof.site === site && proof.app === app);
}
