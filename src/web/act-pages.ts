// Acts that change exclusions: the forms that start them, and the page that watches one until it has ended.
import type { ActView } from '../actions/exclusion-view.ts';
import { pageLink } from './links.ts';
import type { Page, PageAnswer, PageTools } from './page.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { actState } from './view-change.ts';
import { endOf } from './view-propose.ts';

const BASE = { kind: 'view', status: 200, section: 'exclusions', find: true } as const;
/** How long a page waits for news before it shows what there is, and how long a poll may wait. */
const WAIT_MS = 300;
const POLL_MS = 1000;
const NAME = /^[\w-]{1,64}$/;
const LONGEST_KEY = 500;

async function known({ engine }: PageTools, id: string, waitMs: number): Promise<ActView> {
  const act = NAME.test(id) ? await engine.exclusions.act(id, waitMs) : null;
  if (act === null)
    throw new WebProblem(
      404,
      'This act is not kept any more. The page Exclusions says what is in force, its list of changes what happened.',
    );
  return act;
}

/** An act while it runs and after: `?p=/act&id=…`. */
export const act: Page = async (tools, fields) => {
  const id = fields.get('id') ?? '';
  const state = actState(await known(tools, id, WAIT_MS));
  const page = { title: state.heading, state };
  return { ...BASE, view: 'act', page, server: null, refresh: state.busy ? pageLink('/act', { id }) : null };
};

/** The state alone, for the script that polls it: `?p=/act/state&id=…`. */
export const actNow: Page = async (tools, fields) => {
  const state = actState(await known(tools, fields.get('id') ?? '', POLL_MS));
  return { ...BASE, view: 'act-state', page: { title: '', state }, server: null };
};

/** Starts an act and leads to its page; the engine's own words where it is refused. */
async function started(start: () => Promise<ActView>): Promise<PageAnswer> {
  try {
    return { kind: 'redirect', to: pageLink('/act', { id: (await start()).id }) };
  } catch (error) {
    throw spokenProblem(error);
  }
}

function reasonOf(fields: URLSearchParams): string {
  const reason = (fields.get('reason') ?? '').trim();
  if (reason === '')
    throw new WebProblem(
      400,
      'Nothing was changed: say why. The reason stays in the file and in the activity.',
    );
  return reason;
}

function exclusionOf(fields: URLSearchParams): number {
  const id = fields.get('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new WebProblem(400, 'Nothing was changed: the form names no exclusion.');
  return Number(id);
}

/** Takes an exclusion back. */
export const revert: Page = async ({ engine }, fields, { who }) => {
  const [id, reason] = [exclusionOf(fields), reasonOf(fields)];
  return await started(() => engine.exclusions.revert(id, reason, who));
};

/** Gives an exclusion another reason and end; `ends` is a choice like `30d`, or `same` for the end it has. */
export const edit: Page = async ({ engine, clock }, fields, { who }) => {
  const [id, reason] = [exclusionOf(fields), reasonOf(fields)];
  const choice = fields.get('ends') ?? '';
  const current = (await engine.exclusions.exclusion(id))?.exclusion;
  if (current?.state !== 'active')
    throw new WebProblem(404, `Nothing was changed: exclusion ${id} is not in force any more.`);
  const kept = current.expiresAt === null ? null : Date.parse(current.expiresAt);
  const expiresAt = choice === 'same' ? kept : endOf(choice, clock());
  if (expiresAt === undefined) throw new WebProblem(400, 'Nothing was changed: choose when it ends.');
  return await started(() => engine.exclusions.edit(id, { reason, expiresAt }, who));
};

/** Takes over what somebody else left. */
export const adopt: Page = async ({ engine }, fields, { who }) => {
  const key = fields.get('key') ?? '';
  if (key === '' || key.length > LONGEST_KEY)
    throw new WebProblem(400, 'Nothing was changed: the form names no exclusion.');
  const reason = reasonOf(fields);
  return await started(() => engine.exclusions.adopt(key, reason, who));
};

/** Adopts what a hand-changed file of ours says, or keeps it as it is. */
export const settle: Page = async ({ engine }, fields, { who }) => {
  const [vhost, how] = [fields.get('vhost') ?? '', fields.get('how')];
  if (vhost === '' || (how !== 'adopt' && how !== 'keep'))
    throw new WebProblem(400, 'Nothing was changed: the form names no vhost or no choice.');
  const reason = reasonOf(fields);
  return await started(() => engine.exclusions.settle(vhost, how, reason, who));
};
