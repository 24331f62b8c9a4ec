// A strict reader of our own pages: every tag well formed and closed, every attribute quoted, nothing inline.

export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface ReadPage {
  readonly tags: readonly Tag[];
  readonly text: string;
  readonly problems: readonly string[];
}

const TOKEN =
  /<!doctype html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)(\/?)>|<|[^<]+/g;
const ATTRIBUTE = / ([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"<>]*)")?/g;
const VOID = new Set(['meta', 'link', 'input', 'br', 'img', 'hr']);
const PHRASING_ONLY = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'small',
  'strong',
  'code',
  'summary',
  'dt',
  'button',
  'label',
]);
const FLOW = new Set([
  'div',
  'p',
  'details',
  'ul',
  'ol',
  'dl',
  'table',
  'section',
  'form',
  'pre',
  'h1',
  'h2',
  'h3',
]);

/** Undoes the entities that our escape writes. */
function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

function attributesOf(source: string): Map<string, string> {
  return new Map([...source.matchAll(ATTRIBUTE)].map((match) => [match[1]!, decode(match[2] ?? '')]));
}

function tagProblems(tag: Tag, ids: Set<string>): string[] {
  const problems: string[] = [];
  for (const name of tag.attributes.keys()) {
    if (name === 'style' || name.startsWith('on')) problems.push(`inline ${name} on <${tag.name}>`);
  }
  const id = tag.attributes.get('id');
  if (id !== undefined && ids.has(id)) problems.push(`id ${id} twice`);
  if (id !== undefined) ids.add(id);
  if (tag.name === 'style') problems.push('a style element');
  if (tag.name === 'script' && !tag.attributes.has('src')) problems.push('an inline script');
  return problems;
}

function nestingProblems(name: string, open: readonly string[]): string[] {
  const outer = FLOW.has(name) ? open.find((one) => PHRASING_ONLY.has(one)) : undefined;
  return outer === undefined ? [] : [`<${name}> inside <${outer}>`];
}

/** Reads a page and names everything that is not as strict as it should be. Text is decoded. */
export function readHtml(html: string): ReadPage {
  const problems: string[] = [];
  const tags: Tag[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  let text = '';
  for (const [token, closing, name, attributes, slash] of html.matchAll(TOKEN)) {
    if (closing !== undefined) {
      const last = open.pop();
      if (last !== closing) problems.push(`</${closing}> closes <${last ?? 'nothing'}>`);
    } else if (name !== undefined) {
      const tag = { name, attributes: attributesOf(attributes ?? '') };
      tags.push(tag);
      problems.push(...tagProblems(tag, ids));
      problems.push(...nestingProblems(name, open));
      if (slash === '' && !VOID.has(name)) open.push(name);
    } else if (token === '<') {
      problems.push('a bare <');
    } else if (!token.startsWith('<!')) {
      text += decode(token);
    }
  }
  if (open.length > 0) problems.push(`not closed: ${open.join(', ')}`);
  for (const tag of tags) problems.push(...danglingRefs(tag, ids));
  return { tags, text, problems };
}

function danglingRefs(tag: Tag, ids: ReadonlySet<string>): string[] {
  const names = ['for', 'aria-labelledby', 'aria-describedby', 'data-wb-copy'];
  const refs = names.flatMap((name) => tag.attributes.get(name)?.split(' ') ?? []);
  const href = tag.attributes.get('href') ?? '';
  if (href.startsWith('#')) refs.push(href.slice(1));
  return refs.filter((id) => !ids.has(id)).map((id) => `<${tag.name}> points to #${id}, which is not there`);
}

/** All addresses a page leads to: links, forms, sources. */
export function addressesOf(page: ReadPage): readonly string[] {
  return page.tags.flatMap((tag) =>
    ['href', 'src', 'action', 'formaction'].flatMap((name) => tag.attributes.get(name) ?? []),
  );
}
