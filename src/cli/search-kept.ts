// Searches kept under a name, for the terminal: listed as commands, found and forgotten by name.
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import { readableTime } from '../actions/iso-time.ts';
import { forgetSearch, savedSearches } from '../actions/saved-searches.ts';
import { searchCommand } from '../actions/search-command.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import type { SavedSearch } from '../actions/search-view.ts';
import { safeJson } from '../actions/search-rows.ts';
import { safeText } from './terminal.ts';

/** One line a kept search: its name, who kept it and when, and its command below; or one JSON object. */
export async function listSaved(ctx: Context, json: boolean): Promise<string[]> {
  const kept = await savedSearches(ctx);
  if (json)
    return kept.map(
      ({ name, who, at, query }) => `${safeJson({ name, who, at, command: commandOf(query) })}\n`,
    );
  return kept.map(({ name, who, at, query }) => {
    const command = commandOf(query) ?? 'not to be written as a command: it holds a NUL byte';
    return `${safeText(`${name}  (${who}, ${readableTime(at)})\n    ${command}`)}\n`;
  });
}

function commandOf(query: SearchQuery): string | null {
  const command = searchCommand(query);
  return command === '' ? null : command;
}

/** The query of a kept search. Throws BadInput when no search has this name. */
export async function findSaved(ctx: Context, name: string): Promise<SearchQuery> {
  return (await named(ctx, name)).query;
}

/** Forgets a kept search and records it. Throws BadInput when no search has this name. */
export async function forgetNamed(ctx: Context, name: string, who: string): Promise<void> {
  forgetSearch(ctx, (await named(ctx, name)).id, { who, address: null });
}

async function named(ctx: Context, name: string): Promise<SavedSearch> {
  const found = (await savedSearches(ctx)).find((one) => one.name === name.trim());
  if (found !== undefined) return found;
  throw new BadInput(
    `No search is kept under “${name.slice(0, 80)}”. whyblocked search --saved lists those that are.`,
  );
}
