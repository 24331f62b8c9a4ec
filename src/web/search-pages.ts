// The search page, its results while they grow, and what can be done with a search: stop, keep, forget.
import type { SearchQuery } from '../actions/search-query.ts';
import type { SearchView } from '../actions/search-view.ts';
import { pageLink } from './links.ts';
import type { Page, PageTools, ViewAnswer } from './page.ts';
import { isBadInput, isRefused, spokenProblem, WebProblem } from './problems.ts';
import type { SearchRequest } from './search-query.ts';
import { fieldOf, isSameSearch, readSearch, searchLink } from './search-query.ts';
import type { SavedRow, SearchForm } from './view-search-form.ts';
import { savedRows, searchForm } from './view-search-form.ts';
import type { SearchResults } from './view-search.ts';
import { isBusy, ROWS, searchResults } from './view-search.ts';
import { longText } from './view-text.ts';

/** How long a page waits for results before it shows what there is, and how long a poll may wait for news. */
const WAIT_MS = 300;
const POLL_MS = 1000;
const JOB = /^[\w-]{1,64}$/;
const NAME_LENGTH = 80;

/** What views/search.ejs needs. */
interface SearchPage {
  readonly title: string;
  readonly form: SearchForm;
  readonly results: SearchResults | null;
  readonly saved: readonly SavedRow[];
  readonly forget: string;
  readonly examples:
    readonly { readonly href: string; readonly pattern: string; readonly text: string }[] | null;
}

const EXAMPLES = [
  ['17:56.* 203\\.0\\.113\\.45', 'a time and an address in one line'],
  ['"POST /wp-login', 'every try to log in'],
  ['id "9421\\d\\d"', 'all rules of a family'],
] as const;

function examples(query: SearchQuery): SearchPage['examples'] {
  return EXAMPLES.map(([pattern, text]) => ({ href: searchLink({ ...query, pattern }), pattern, text }));
}

async function formPage(
  { engine }: PageTools,
  request: SearchRequest,
  view: SearchView | null,
  problem = '',
): Promise<ViewAnswer> {
  const [logs, saved] = await Promise.all([engine.search.logs(), engine.search.saved()]);
  const { pattern } = request.query;
  const isRefused = problem !== '' || (request.asked && request.errors.size > 0);
  const page: SearchPage = {
    title: pattern === '' || isRefused ? 'Search logs' : `${longText(pattern, 40).start} \u00b7 search`,
    form: searchForm(request, logs, problem),
    results: view === null ? null : searchResults(view),
    saved: savedRows(saved),
    forget: pageLink('/search/forget'),
    examples: request.asked ? null : examples(request.query),
  };
  const refresh = view !== null && isBusy(view.phase) ? searchLink(view.query, { job: view.id }) : null;
  const base = { kind: 'view', view: 'search', section: 'search', find: false } as const;
  return { ...base, status: isRefused ? 400 : 200, page, server: view?.server ?? null, refresh };
}

/** The search of an address: the running or finished one that `job` names, else a new one, which ends with a visitor who is gone. */
async function found(
  { engine }: PageTools,
  query: SearchQuery,
  { job, gone }: { readonly job: string; readonly gone: AbortSignal },
): Promise<SearchView> {
  const known = JOB.test(job) ? await engine.search.look(job, WAIT_MS, ROWS) : null;
  if (known !== null && isSameSearch(known.query, query)) return known;
  const view = await engine.search.start(query, WAIT_MS, ROWS);
  // Nobody else knows of it yet.
  return gone.aborted && isBusy(view.phase) ? ((await engine.search.stop(view.id)) ?? view) : view;
}

/** The engine's refusal as an error of the form: at the field it names, else above the form. */
function refused(request: SearchRequest, error: { readonly message: string }): [SearchRequest, string] {
  const field = fieldOf('field' in error ? error.field : null);
  if (field === null) return [request, error.message];
  return [{ ...request, errors: new Map([[field, error.message]]) }, ''];
}

/** The form, and the results when the address asks for some: `?p=/search&q=…&log=…&job=ID`. `run=0` only fills the form. */
export const search: Page = async (tools, fields, { gone }) => {
  const request = readSearch(fields);
  if (!request.asked || request.errors.size > 0) return await formPage(tools, request, null);
  try {
    return await formPage(
      tools,
      request,
      await found(tools, request.query, { job: fields.get('job') ?? '', gone }),
    );
  } catch (error) {
    if (isRefused(error)) return { ...(await formPage(tools, request, null, error.message)), status: 409 };
    if (!isBadInput(error)) throw error;
    const [again, problem] = refused(request, error);
    return await formPage(tools, again, null, problem);
  }
};

/** The results alone, for the script that polls them: `?p=/search/results&job=ID`. */
export const results: Page = async ({ engine }, fields) => {
  const job = fields.get('job') ?? '';
  const view = JOB.test(job) ? await engine.search.look(job, POLL_MS, ROWS) : null;
  if (view === null) throw new WebProblem(404, 'This search is not kept any more. Search again.');
  const page = { title: '', results: searchResults(view) };
  const base = { kind: 'view', view: 'search-results', section: 'search', find: false } as const;
  return { ...base, status: 200, page, server: null };
};

/** The search that a form sent back as one text; its `job` where it is well formed. */
function sentBack(fields: URLSearchParams): { query: SearchQuery; job: string | null } {
  const { query, errors } = readSearch(new URLSearchParams(fields.get('query') ?? ''));
  const [wrong] = errors.values();
  if (wrong !== undefined) throw new WebProblem(400, wrong);
  const job = fields.get('job') ?? '';
  return { query, job: JOB.test(job) ? job : null };
}

/** Stops a search and goes back to what it found until then; a search that is gone is not started again. */
export const stop: Page = async ({ engine }, fields) => {
  const { query, job } = sentBack(fields);
  const view = job === null ? null : await engine.search.stop(job);
  return { kind: 'redirect', to: searchLink(query, view === null ? { run: '0' } : { job: view.id }) };
};

/** Keeps a search under a name. */
export const save: Page = async ({ engine }, fields, { who, address }) => {
  const { query, job } = sentBack(fields);
  const name = (fields.get('name') ?? '').trim();
  if (name === '' || name.length > NAME_LENGTH)
    throw new WebProblem(400, `The search was not kept: it needs a name of 1 to ${NAME_LENGTH} characters.`);
  try {
    await engine.search.save(name, { ...query, before: null }, { who, address });
  } catch (error) {
    throw spokenProblem(error);
  }
  return { kind: 'redirect', to: searchLink(query, job === null ? {} : { job }) };
};

/** Takes a kept search off the list. */
export const forget: Page = async ({ engine }, fields, { who, address }) => {
  const id = fields.get('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new WebProblem(400, 'The form names no search.');
  await engine.search.forget(Number(id), { who, address });
  return { kind: 'redirect', to: pageLink('/search') };
};
