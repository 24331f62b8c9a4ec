// The access-log lines of one client around its incident, and what can be computed from them.
import type { AccessHit, EpochMs } from '../model.ts';

/** One client's lines in the logs of all its vhosts. */
export interface AccessContext {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Whether the logs cover the whole window, so that absence says something. */
  readonly covered: boolean;
  /** In time order; at most some thousands, the first and last ones at least. */
  readonly hits: readonly AccessHit[];
  /** How many lines there were before any were left out. */
  readonly total: number;
}

const ASSET =
  /\.(?:css|m?js|png|jpe?g|gif|svg|webp|avif|ico|bmp|woff2?|ttf|eot|otf|map|mp4|webm|mp3|ogg|m4v|txt\.gz)$/i;
const SCRIPT = /\.m?js$/i;
const STYLE = /\.css$/i;
const IMAGE = /\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp)$/i;
const PAGE_KEYS: ReadonlySet<string> = new Set([
  '_task',
  '_action',
  'route',
  'option',
  'view',
  'p',
  'id',
  's',
]);

/** Path of a request target, without query and fragment. */
export function pathOf(uri: string): string {
  const end = uri.search(/[?#]/);
  return end < 0 ? uri : uri.slice(0, end);
}

/** What kind of asset a request target is; null for a page or program. */
function assetKind(uri: string): 'script' | 'style' | 'image' | 'other' | null {
  const path = pathOf(uri);
  if (!ASSET.test(path)) return null;
  if (SCRIPT.test(path)) return 'script';
  if (STYLE.test(path)) return 'style';
  return IMAGE.test(path) ? 'image' : 'other';
}

/** Whether a request target is a picture, style, script or another part of a page. */
export function isAsset(uri: string): boolean {
  return ASSET.test(pathOf(uri));
}

/** Whether a line is an answer that worked: 200 or 304. */
function isOk(hit: AccessHit): boolean {
  return hit.status === 200 || hit.status === 304;
}

/** A page is a path with the query keys that choose one (`_task`, `route`, `view`, `id` …). */
export function pageKey(uri: string): string {
  const query = uri.indexOf('?');
  if (query < 0) return pathOf(uri);
  const chosen = uri
    .slice(query + 1)
    .split('&', 100)
    .filter((pair) => PAGE_KEYS.has(pair.split('=', 1)[0] ?? ''));
  return [pathOf(uri), ...chosen.sort()].join('&');
}

/** What somebody loaded on one site, for the items about people. */
export interface Browsing {
  readonly answers: number;
  readonly pages: number;
  readonly assets: number;
  readonly kinds: ReadonlySet<string>;
  /** Answers that worked before `firstBlock`. */
  readonly okBefore: number;
  readonly okAfter: number;
  /** Most requests that are no assets in any 2 s; log times are whole seconds. */
  readonly burst: number;
  readonly lines: readonly AccessHit[];
}

/** Computes the browsing in these lines (one client, one site); `firstBlock` is the first refused request's time. */
export function browsing(hits: readonly AccessHit[], firstBlock: EpochMs): Browsing {
  const ok = hits.filter(isOk);
  const pages = new Set<string>();
  const assets = new Set<string>();
  const kinds = new Set<string>();
  for (const hit of ok) {
    const kind = assetKind(hit.uri);
    if (kind === null) pages.add(pageKey(hit.uri));
    else {
      assets.add(pathOf(hit.uri));
      kinds.add(kind);
    }
  }
  const okBefore = ok.filter((hit) => hit.at < firstBlock).length;
  return {
    answers: ok.length,
    pages: pages.size,
    assets: assets.size,
    kinds,
    okBefore,
    okAfter: ok.length - okBefore,
    burst: mostWithin(
      hits.filter((hit) => assetKind(hit.uri) === null).map((hit) => hit.at),
      1999,
    ).count,
    lines: ok,
  };
}

/** The window of at most `ms` with the most times in it: how many, where it begins and how long it really is. */
export function mostWithin(
  times: readonly EpochMs[],
  ms: number,
): { readonly count: number; readonly first: number; readonly spanMs: number } {
  const sorted = [...times].sort((a, b) => a - b);
  let best = { count: 0, first: 0, spanMs: 0 };
  let start = 0;
  for (const [end, at] of sorted.entries()) {
    while (at - (sorted[start] ?? at) > ms) start++;
    const count = end - start + 1;
    if (count > best.count) best = { count, first: start, spanMs: at - (sorted[start] ?? at) };
  }
  return best;
}
