// Crawls the pages below a prefix: every link, form, redirect and asset that they name, and whether one leaves it.
import type { ReadPage, Tag } from './html.ts';
import { readHtml } from './html.ts';

export interface CrawledPage {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** What our own part of the page is made of; null for what is no page. */
  readonly read: ReadPage | null;
}

export interface CrawledForm {
  /** The page that it stands on. */
  readonly from: string;
  readonly method: 'get' | 'post';
  /** Where it goes, without its fields. */
  readonly action: string;
  /** Fields with the values that they have there. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface Crawled {
  /** By address, relative to the origin. */
  readonly pages: ReadonlyMap<string, CrawledPage>;
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: 'link' | 'form' | 'redirect' | 'asset' | 'refresh';
  }[];
  readonly forms: readonly CrawledForm[];
  readonly violations: readonly string[];
}

export interface CrawlOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Addresses to begin with beside the base, relative to it. */
  readonly seeds?: readonly string[];
  /** Pages with the same parameters that are looked at; 5 unless set. */
  readonly perShape?: number;
  /** Pages in all; 400 unless set. */
  readonly most?: number;
  /** How a page is asked for; `fetch` unless set. Redirects must not be followed. */
  readonly ask?: (url: URL) => Promise<Answer>;
}

const BEGIN = /<link rel="stylesheet" href="static\/whyblocked\.css[^>]*><div class="whyblocked">/;
const END = /<script src="static\/whyblocked\.js[^>]*><\/script>/;

/** Our own part of a page that stands in WHM's; the whole page where it stands alone. */
export function ownPart(html: string): string {
  const begin = BEGIN.exec(html);
  const end = END.exec(html);
  return begin === null || end === null ? html : html.slice(begin.index, end.index + end[0].length);
}

/** The self-test asks whether WHM passes on what stands behind the name of a CGI: the answer may be that it does not. */
const TRIAL = 'index.cgi/path-info?p=/doctor/dot';

function addressesIn(page: ReadPage): { address: string; kind: Crawled['links'][number]['kind'] }[] {
  return page.tags.flatMap((tag) => {
    const at = (name: string): string[] => {
      const value = tag.attributes.get(name);
      return value === undefined ? [] : [value];
    };
    const refresh = /^\d+;url=(.*)$/.exec(tag.attributes.get('content') ?? '')?.[1];
    return [
      ...(tag.name === 'a' ? at('href') : []).map((address) => ({ address, kind: 'link' as const })),
      ...(tag.name === 'link' ? at('href') : []).map((address) => ({ address, kind: 'asset' as const })),
      ...['src', 'srcset', 'data', 'poster', 'xlink:href', 'background', 'manifest']
        .flatMap(at)
        .map((address) => ({ address, kind: 'asset' as const })),
      ...['action', 'formaction', 'data-wb-poll']
        .flatMap(at)
        .map((address) => ({ address, kind: 'form' as const })),
      ...(refresh === undefined ? [] : [{ address: refresh, kind: 'refresh' as const }]),
    ];
  });
}

/** The forms of a page: fields with their values, of choices the first one. */
function formsIn(page: ReadPage, from: string): CrawledForm[] {
  const forms: { method: 'get' | 'post'; action: string; fields: [string, string][] }[] = [];
  let select = '';
  const take = (tag: Tag, name: string): void => {
    const form = forms.at(-1);
    if (form === undefined || name === '') return;
    if (!form.fields.some(([other]) => other === name && tag.attributes.get('type') !== 'hidden'))
      form.fields.push([name, tag.attributes.get('value') ?? '']);
  };
  for (const tag of page.tags) {
    const name = tag.attributes.get('name') ?? '';
    if (tag.name === 'form')
      forms.push({
        method: tag.attributes.get('method') === 'post' ? 'post' : 'get',
        action: tag.attributes.get('action') ?? '',
        fields: [],
      });
    else if (tag.name === 'select') select = name;
    else if (tag.name === 'option') take(tag, select);
    else if (['input', 'textarea', 'button'].includes(tag.name)) take(tag, name);
  }
  return forms.map((form) => ({ ...form, from }));
}

/** The page's name and the names of its parameters: pages that differ in values only have one shape. */
function shapeOf(url: URL): string {
  const page = url.searchParams.get('p') ?? '/';
  const choices = ['show', 'verdict', 'format', 'kind']
    .map((name) => url.searchParams.get(name))
    .filter((value) => value !== null && /^[\w-]{1,30}$/.test(value));
  return [page, ...choices, ...new Set(url.searchParams.keys())].join(' ');
}

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly type: string;
  readonly body: string;
}

async function askByFetch(url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const answer = await fetch(url, { headers, redirect: 'manual' });
  return {
    status: answer.status,
    location: answer.headers.get('location'),
    type: answer.headers.get('content-type') ?? '',
    body: await answer.text(),
  };
}

/** One crawl: what waits, what was seen. */
class Crawl {
  readonly pages = new Map<string, CrawledPage>();
  readonly links: Crawled['links'][number][] = [];
  readonly forms: CrawledForm[] = [];
  readonly violations: string[] = [];
  readonly #base: URL;
  readonly #folder: string;
  readonly #perShape: number;
  readonly #shapes = new Map<string, number>();
  readonly #queue: URL[] = [];
  readonly #queued = new Set<string>();

  constructor(base: URL, seeds: readonly string[], perShape: number) {
    this.#base = base;
    this.#folder = base.pathname.slice(0, base.pathname.lastIndexOf('/') + 1);
    this.#perShape = perShape;
    this.#queue.push(base, ...seeds.map((seed) => new URL(seed, base)));
  }

  next(): URL | undefined {
    return this.#queue.shift();
  }

  /** Takes an answer: notes the page, and puts what it names into the queue. */
  take(url: URL, { status, location, type, body }: Answer): void {
    const place = url.pathname + url.search;
    const read = type.startsWith('text/html') ? readHtml(ownPart(body)) : null;
    this.pages.set(place, { status, type, body, read });
    if (status === 404 || status >= 500) this.violations.push(`${place} answers ${status}`);
    if (location !== null) this.#wait(this.#follow(location, url, 'redirect'));
    if (read === null) return;
    this.violations.push(...read.problems.map((problem) => `${place}: ${problem}`));
    for (const { address, kind } of addressesIn(read)) {
      const to = this.#follow(address, url, kind);
      if (kind !== 'form') this.#wait(to);
    }
    for (const form of formsIn(read, place)) this.#takeForm(form, url);
  }

  #takeForm(form: CrawledForm, url: URL): void {
    const target = this.#follow(form.action, url, 'form');
    if (target === null) return;
    this.forms.push({ ...form, action: target.pathname + target.search });
    if (form.method !== 'get') return;
    target.search = new URLSearchParams(
      form.fields.map(([name, value]): [string, string] => [name, value]),
    ).toString();
    this.#wait(target);
  }

  /** Notes an address that a page names; gives where it leads when that is below the prefix. */
  #follow(address: string, from: URL, kind: Crawled['links'][number]['kind']): URL | null {
    const place = from.pathname + from.search;
    if (address.startsWith('#') || address === 'data:,' || address.startsWith(TRIAL)) return null;
    this.links.push({ from: place, to: address, kind });
    if (!URL.canParse(address, from.href)) {
      this.violations.push(`${place}: the ${kind} ${address} is no address`);
      return null;
    }
    const to = new URL(address, from);
    if (!/^(?:index\.cgi(?:[?#]|$)|static\/)/.test(address))
      this.violations.push(`${place}: the ${kind} ${address} is not relative to the prefix`);
    if (to.origin === this.#base.origin && to.pathname.startsWith(this.#folder)) return to;
    this.violations.push(`${place}: the ${kind} ${address} leaves ${this.#folder}`);
    return null;
  }

  #wait(url: URL | null): void {
    if (url === null) return;
    url.hash = '';
    const shape = url.pathname + shapeOf(url);
    const count = this.#shapes.get(shape) ?? 0;
    if (this.#queued.has(url.href) || count >= this.#perShape) return;
    this.#shapes.set(shape, count + 1);
    this.#queued.add(url.href);
    this.#queue.push(url);
  }
}

/**
 * Crawls all pages that links, redirects and GET forms lead to from a base like
 * `http://127.0.0.1:2087/cpsess0123456789/cgi/whyblocked/index.cgi`; POST forms are looked at, never sent. A violation
 * is an address that leaves the base's folder or is not relative, a dead link, a failure of ours (5xx), or our own part
 * of a page that is not well formed.
 */
export async function crawlPrefix(baseUrl: string, options: CrawlOptions = {}): Promise<Crawled> {
  const ask = options.ask ?? ((url: URL) => askByFetch(url, options.headers ?? {}));
  const crawl = new Crawl(new URL(baseUrl), options.seeds ?? [], options.perShape ?? 5);
  const most = options.most ?? 400;
  for (let url = crawl.next(); url !== undefined && crawl.pages.size < most; url = crawl.next())
    if (!crawl.pages.has(url.pathname + url.search)) crawl.take(url, await ask(url));
  const { pages, links, forms, violations } = crawl;
  return { pages, links, forms, violations };
}
