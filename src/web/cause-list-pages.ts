// The list of causes, the page of one, and the form that sets what an admin makes of it.
import type { CausePageView } from '../actions/causes-view.ts';
import { readCausesFilter } from './causes-filter.ts';
import { cause as recentCause } from './domain-pages.ts';
import { causeIdLink } from './links.ts';
import type { Page, PageAnswer, PageTools } from './page.ts';
import { isBadInput, spokenProblem, WebProblem } from './problems.ts';
import { countedCausePage } from './view-cause-page.ts';
import type { StateErrors, StateInput } from './view-cause-state.ts';
import { NOTHING_SAID, readStateChange } from './view-cause-state.ts';
import { causesPage } from './view-causes.ts';

const BASE = { kind: 'view', section: 'causes', find: true } as const;
/** Longer names are no part of a cause. */
const LONGEST_NAME = 2048;

/** The causes with their noise matrix: `?p=/causes&vhost=&rule=&state=&text=&days=14&page=`. */
export const causes: Page = async ({ engine }, fields) => {
  const filter = readCausesFilter(fields);
  try {
    const view = await engine.exclusions.causes(filter);
    return { ...BASE, status: 200, view: 'causes', page: causesPage(view, filter), server: view.server };
  } catch (error) {
    throw spokenProblem(error);
  }
};

async function causeOf({ engine }: PageTools, fields: URLSearchParams): Promise<CausePageView> {
  const id = fields.get('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new WebProblem(400, 'The link names no cause.');
  const view = await engine.exclusions.cause(Number(id));
  if (view === null)
    throw new WebProblem(404, `There is no cause ${id}. The page Causes lists those that are kept.`);
  return view;
}

function shown(
  view: CausePageView,
  {
    status,
    sent,
    errors,
  }: { readonly status: number; readonly sent: StateInput; readonly errors: StateErrors },
): PageAnswer {
  const page = countedCausePage(view, sent, errors);
  return { ...BASE, status, view: 'cause-page', page, server: view.server };
}

/** The cause by what makes it; null when the link names no rule, or it is not counted. */
async function namedCause({ engine }: PageTools, fields: URLSearchParams): Promise<CausePageView | null> {
  const ruleId = fields.get('rule') ?? '';
  if (!/^\d{1,10}$/.test(ruleId)) return null;
  const text = (name: string): string => (fields.get(name) ?? '').slice(0, LONGEST_NAME);
  return await engine.exclusions.causeByKey({
    vhost: text('vhost'),
    ruleId,
    target: text('target'),
    path: text('path'),
  });
}

/**
 * One cause: `?p=/cause&id=12`; or by what makes it, `?p=/cause&vhost=shop.example.com&rule=942100&target=ARGS:q&path=/search`,
 * which leads to what the logs of its vhost say where it is not counted.
 */
export const cause: Page = async (tools, fields, visit) => {
  const view = fields.has('id') ? await causeOf(tools, fields) : await namedCause(tools, fields);
  if (view === null) return await recentCause(tools, fields, visit);
  return shown(view, { status: 200, sent: NOTHING_SAID, errors: {} });
};

const FIELD_OF: Readonly<Partial<Record<string, keyof StateErrors>>> = {
  state: 'state',
  until: 'more',
  note: 'note',
};

/** What the engine could not understand, at the form's field; null where it names none of them. */
function fieldErrors(error: { readonly message: string }): StateErrors | null {
  const name = 'field' in error && typeof error.field === 'string' ? error.field : '';
  const field = Object.hasOwn(FIELD_OF, name) ? FIELD_OF[name] : undefined;
  return field === undefined ? null : { [field]: error.message };
}

/** Sets the state of a cause, and leads back to it. What is wrong comes back at its field. */
export const setCauseState: Page = async (tools, fields, { who, address }) => {
  const view = await causeOf(tools, fields);
  const sent: StateInput = {
    state: fields.get('state') ?? '',
    more: fields.get('more') ?? '',
    note: fields.get('note') ?? '',
  };
  const { change, errors } = readStateChange(sent);
  if (change === null) return shown(view, { status: 400, sent, errors });
  try {
    await tools.engine.exclusions.setCauseState(view.cause.id, change, { who, address });
  } catch (error) {
    const found = isBadInput(error) ? fieldErrors(error) : null;
    if (found !== null) return shown(view, { status: 400, sent, errors: found });
    throw spokenProblem(error);
  }
  return { kind: 'redirect', to: causeIdLink(view.cause.id) };
};
