// Searches kept under a name, for the page and the terminal.
import { maskUri } from '../analyse/mask.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import { isoTime } from './iso-time.ts';
import { EMPTY_QUERY, type SearchQuery } from './search-query.ts';
import type { SavedSearch } from './search-view.ts';
import { readZone } from './server.ts';

const MOST = 200;
const LONGEST_NAME = 80;

/** All kept searches by name. */
export async function savedSearches(ctx: Context): Promise<SavedSearch[]> {
  const zone = await readZone(ctx);
  return ctx.store.savedSearches().flatMap(({ id, name, query, who, at }) => {
    const read = readQuery(query);
    return read === null ? [] : [{ id, name, query: read, who, at: isoTime(zone, at) }];
  });
}

/**
 * Keeps a search under a name (one of the same name is replaced) and records it. Throws BadInput for an empty or too
 * long name, or when 200 are kept.
 */
export function saveSearch(
  ctx: Context,
  name: string,
  query: SearchQuery,
  { who, address }: { readonly who: string; readonly address: string | null },
): void {
  const short = name.trim();
  if (short === '' || short.length > LONGEST_NAME)
    throw new BadInput(`Give the search a name of 1 to ${LONGEST_NAME} characters.`);
  if ([short, query.pattern].some(holdsSecret))
    throw new BadInput(
      'A kept search is stored, and this one holds what reads like a password, token or card number. Keep it without that, e.g. with “token=” only.',
    );
  const kept = ctx.store.savedSearches();
  if (kept.length >= MOST && !kept.some((one) => one.name === short))
    throw new BadInput(`${MOST} searches are kept already. Forget one of them first.`);
  // The page of older lines is not a part of the search.
  const text = JSON.stringify({ ...query, before: null });
  ctx.store.saveSearch({ name: short, query: text, who, at: Date.now() });
  ctx.store.record({
    at: Date.now(),
    who,
    address,
    act: 'save search',
    detail: maskUri(short),
    result: 'kept',
  });
}

/** Whether a text holds what would be masked in a line, apart from what a regex has in its place. */
function holdsSecret(text: string): boolean {
  const plain = text.replaceAll(/\\.|\[[^\]]{0,200}\]|[.*+?^$(){}|•]+/g, ' ');
  return maskUri(plain) !== plain;
}

/** Forgets a kept search and records it. Throws BadInput when it is not there. */
export function forgetSearch(
  ctx: Context,
  id: number,
  { who, address }: { readonly who: string; readonly address: string | null },
): void {
  const name = ctx.store.savedSearches().find((one) => one.id === id)?.name;
  if (name === undefined || !ctx.store.forgetSearch(id))
    throw new BadInput('This search is not kept any more. Reload the page to see those that are.');
  ctx.store.record({
    at: Date.now(),
    who,
    address,
    act: 'forget search',
    detail: maskUri(name),
    result: 'removed',
  });
}

/** A kept query; fields that a later version added have their defaults. Null when it is damaged. */
function readQuery(text: string): SearchQuery | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...EMPTY_QUERY, ...value } : null;
  } catch {
    return null;
  }
}
