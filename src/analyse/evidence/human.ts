// HUMAN: signs of a person with a browser, from the access log around the incident.
import type { AccessHit, Evidence } from '../../model.ts';
import { browsing, type Browsing } from '../access-context.ts';
import { count } from '../sentences.ts';
import { firstBlock, flagged, siteOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

interface Site {
  readonly name: string;
  /** Flagged requests there. */
  readonly flagged: number;
  readonly seen: Browsing;
}

/** H1: ordinary browsing on the same site, before the first refused request too, and never faster than a person. */
export function browsedNormally(input: EvidenceInput): Evidence {
  const sites = sitesOf(input);
  if (sites === null) return unknown('H1', `Whether it read pages like a visitor: ${whyUnknown(input)}`);
  const normal = sites.filter(({ seen }) => isOrdinary(seen) && seen.okBefore >= 2);
  const all = flagged(input).length;
  const covered = normal.reduce((sum, site) => sum + site.flagged, 0);
  const best = normal[0];
  if (best !== undefined && covered * 2 >= all) {
    const { seen } = best;
    const sentence = `${count(seen.okBefore, 'page or file', 'pages and files')} read normally before the first refusal and ${seen.okAfter} after; ${seen.pages} pages, ${seen.assets} pictures, styles and scripts.`;
    return present(
      'H1',
      sentence,
      seen.lines.slice(0, 20).map((hit) => hit.ref),
    );
  }
  if (!input.contextCovered)
    return unknown('H1', `Whether it read pages like a visitor: ${whyUnknown(input)}`);
  return absent('H1', whyNot(sites[0]?.seen));
}

/** H4: style sheets, scripts and pictures were loaded. */
export function loadedAssets(input: EvidenceInput): Evidence {
  const sites = sitesOf(input);
  if (sites === null)
    return unknown('H4', `Whether it loaded pictures and style sheets: ${whyUnknown(input)}`);
  const loaded = sites.find(({ seen }) => ['style', 'script', 'image'].every((kind) => seen.kinds.has(kind)));
  if (loaded !== undefined) {
    const sentence = `It loaded style sheets, scripts and pictures (${loaded.seen.assets} files), as a browser does.`;
    return present(
      'H4',
      sentence,
      loaded.seen.lines.slice(0, 20).map((hit) => hit.ref),
    );
  }
  if (!input.contextCovered)
    return unknown('H4', `Whether it loaded pictures and style sheets: ${whyUnknown(input)}`);
  const files = sites.reduce((sum, site) => sum + site.seen.assets, 0);
  return absent(
    'H4',
    files === 0
      ? 'It loaded no picture, style sheet or script.'
      : `It loaded only ${count(files, 'picture, style sheet or script', 'pictures, style sheets or scripts')}.`,
  );
}

const sitesCache = new WeakMap<EvidenceInput, readonly Site[] | null>();

/** The sites with flagged requests and the browsing there, most flagged first; null without access lines. */
function sitesOf(input: EvidenceInput): readonly Site[] | null {
  const known = sitesCache.get(input);
  if (known !== undefined) return known;
  const sites =
    input.context === null || !input.has.accessLog ? null : computeSites(input, input.context.hits);
  sitesCache.set(input, sites);
  return sites;
}

function computeSites(input: EvidenceInput, hits: readonly AccessHit[]): Site[] {
  const flags = new Map<string, number>();
  for (const transaction of flagged(input)) {
    if (transaction.vhost === null) continue;
    const name = siteOf(input, transaction.vhost);
    flags.set(name, (flags.get(name) ?? 0) + 1);
  }
  const agents = agentsOf(input);
  const bySite = new Map<string, AccessHit[]>();
  for (const hit of hits) {
    if (hit.vhost === null || (agents !== null && hit.userAgent !== null && !agents.has(hit.userAgent)))
      continue;
    const name = siteAmong(flags, input, hit.vhost);
    const list = bySite.get(name);
    if (list === undefined) bySite.set(name, [hit]);
    else list.push(hit);
  }
  const block = firstBlock(input);
  return [...flags]
    .map(([name, number]) => ({ name, flagged: number, seen: browsing(bySite.get(name) ?? [], block) }))
    .sort((a, b) => b.flagged - a.flagged || (a.name < b.name ? -1 : 1));
}

/** The flagged site a line belongs to: its own, or the parent domain that a flagged service name stands for. */
function siteAmong(flags: ReadonlyMap<string, number>, input: EvidenceInput, vhost: string): string {
  const own = siteOf(input, vhost);
  if (flags.has(own)) return own;
  for (const site of flags.keys()) {
    if (vhost.endsWith(`.${site}`)) return site;
  }
  return own;
}

/** User-Agents of the flagged requests; null when no record names one (then all lines of the address count). */
function agentsOf(input: EvidenceInput): ReadonlySet<string> | null {
  const agents = new Set<string>();
  for (const { request } of flagged(input)) {
    if (request?.userAgent != null) agents.add(request.userAgent);
  }
  return agents.size === 0 ? null : agents;
}

/** H1's measure of ordinary browsing, but for what came before the first refusal. */
export function isOrdinary(seen: Browsing): boolean {
  const pages = seen.answers >= 10 && seen.pages >= 3 && seen.assets >= 5;
  // Webmail and other programs that live on one page.
  const onePage = seen.answers >= 15 && seen.pages >= 2 && seen.assets >= 6;
  return (pages || onePage) && seen.burst < 5;
}

function whyUnknown(input: EvidenceInput): string {
  if (input.context === null || !input.has.accessLog)
    return 'no access log shows what it did around the incident.';
  return 'the access logs do not cover the time around the incident.';
}

function whyNot(seen: Browsing | undefined): string {
  if (seen === undefined || seen.answers === 0) return 'It read no page of the site before or after.';
  if (seen.burst >= 5) return `It asked for ${seen.burst} pages within 2 s: too fast for a person who reads.`;
  if (seen.okBefore < 2)
    return `It had read ${count(seen.okBefore, 'page or file', 'pages or files')} before the first refusal; a visitor has read more.`;
  return `It read ${count(seen.pages, 'page')} and ${count(seen.assets, 'asset')} around the incident; a browsing visitor has 3 pages and 5 assets at least.`;
}
