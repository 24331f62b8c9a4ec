// The proposal of an exclusion, the form that names a scope by hand, and the act that applies one.
import type { ScopeFields } from '../actions/exclusion-view.ts';
import { proposeLink, pageLink } from './links.ts';
import type { Page, PageAnswer, PageTools } from './page.ts';
import { isBadInput, isRefused } from './problems.ts';
import type { ScopeRequest } from './scope-query.ts';
import { fieldError, readScopeFields } from './scope-query.ts';
import { scopeForm } from './view-scope-form.ts';
import type { ApplyInput } from './view-propose.ts';
import { endOf, NOTHING_SENT, proposePage } from './view-propose.ts';

const BASE = { kind: 'view', section: 'domains', find: true } as const;

/** The scope's form again, with what could not be understood. */
function scopeAgain(
  { fields, isChosen }: ScopeRequest,
  error: { readonly message: string } | null,
): PageAnswer {
  const said = error === null ? null : fieldError(error);
  const page = scopeForm({ ...fields, kind: isChosen ? fields.kind : null }, said);
  return { ...BASE, status: error === null ? 200 : 400, view: 'scope', page, server: null };
}

interface Shown {
  readonly show: string | null;
  readonly page: string | null;
  readonly sent: ApplyInput;
  readonly status: number;
}

async function proposed({ engine }: PageTools, fields: ScopeFields, shown: Shown): Promise<PageAnswer> {
  try {
    const proposal = await engine.exclusions.propose(fields);
    const page = proposePage(proposal, shown, shown.sent);
    return { ...BASE, status: shown.status, view: 'propose', page, server: proposal.server };
  } catch (error) {
    if (isBadInput(error)) return scopeAgain({ fields, isChosen: true }, error);
    throw error;
  }
}

/** The width that is suggested for what is known; the asked one when none is. */
async function suggested({ engine }: PageTools, fields: ScopeFields): Promise<PageAnswer> {
  try {
    const { ladder, chosen } = await engine.exclusions.propose(fields);
    const rung = ladder.find((one) => one.suggested) ?? ladder[chosen];
    return { kind: 'redirect', to: proposeLink(rung?.scope ?? fields) };
  } catch (error) {
    if (isBadInput(error)) return scopeAgain({ fields, isChosen: false }, error);
    throw error;
  }
}

/**
 * A scope tried on what was recorded: `?p=/propose&kind=…&vhost=…&rule=…&target=…&path=…&tag=…&show=passes&page=2`.
 * Without a kind it leads to the suggested width; `scope` (a rung of the ladder, as its radio sends it) to that one.
 */
export const propose: Page = async (tools, fields) => {
  const rung = fields.get('scope');
  if (rung !== null)
    return { kind: 'redirect', to: proposeLink(readScopeFields(new URLSearchParams(rung)).fields) };
  const { fields: scope, isChosen } = readScopeFields(fields);
  if (!isChosen) return await suggested(tools, scope);
  const shown = { show: fields.get('show'), page: fields.get('page'), sent: NOTHING_SENT, status: 200 };
  return await proposed(tools, scope, shown);
};

/** The form that names a scope by hand: `?p=/scope&vhost=…&rule=…`. */
export const scope: Page = (_tools, fields) => scopeAgain(readScopeFields(fields), null);

function readApply(fields: URLSearchParams): ApplyInput {
  const errors = new Map<string, string>();
  const reason = (fields.get('reason') ?? '').trim();
  if (reason === '') errors.set('reason', 'Say why: the reason stays in the file and in the activity.');
  return { reason, typed: fields.get('typed') ?? '', ends: fields.get('ends'), errors, problem: '' };
}

/** Applies an exclusion, and leads to the page that watches it. What is wrong comes back at its field. */
export const exclude: Page = async (tools, fields, { who }) => {
  const { fields: asked, isChosen } = readScopeFields(fields);
  if (!isChosen)
    return scopeAgain({ fields: asked, isChosen }, { message: 'The form names no width. Choose one.' });
  const sent = readApply(fields);
  const expiresAt = endOf(sent.ends ?? '', tools.clock());
  const again = (status: number, change: Partial<ApplyInput>): Promise<PageAnswer> =>
    proposed(tools, asked, { show: null, page: null, sent: { ...sent, ...change }, status });
  if (sent.errors.size > 0) return await again(400, {});
  if (expiresAt === undefined)
    return await again(400, { ends: null, errors: new Map([['ends', 'Choose when it ends.']]) });
  try {
    const act = await tools.engine.exclusions.exclude({
      scope: asked,
      reason: sent.reason,
      author: who,
      expiresAt,
      typed: sent.typed === '' ? null : sent.typed,
    });
    return { kind: 'redirect', to: pageLink('/act', { id: act.id }) };
  } catch (error) {
    if (isRefused(error)) return await again(409, { problem: error.message });
    if (!isBadInput(error)) throw error;
    const { field, text } = fieldError(error);
    if (['reason', 'typed', 'ends'].includes(field))
      return await again(400, { errors: new Map([[field, text]]) });
    return await again(400, { problem: text });
  }
};
