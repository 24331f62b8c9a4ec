// The pages of what is excluded on the whole server: the lists, one exclusion, one find, one change.
import { pageLink } from './links.ts';
import type { Page } from './page.ts';
import { WebProblem } from './problems.ts';
import { changePage } from './view-change.ts';
import { exclusionPage, foundPage } from './view-exclusion.ts';
import { exclusionsPage, readTab } from './view-exclusions.ts';

const BASE = { kind: 'view', status: 200, section: 'exclusions', find: true } as const;

/** All exclusions: `?p=/exclusions&show=ended&vhost=…&text=…&page=2`. */
export const exclusions: Page = async ({ engine }, fields) => {
  const tab = readTab(fields.get('show'));
  const [view, changes] = await Promise.all([engine.exclusions.exclusions(), engine.exclusions.changes()]);
  const filter = {
    tab,
    vhost: (fields.get('vhost') ?? '').trim().toLowerCase(),
    text: (fields.get('text') ?? '').trim(),
    page: fields.get('page'),
  };
  const page = exclusionsPage(view, changes, filter);
  return { ...BASE, view: 'exclusions', page, server: view.server };
};

function numberOf(fields: URLSearchParams, what: string): number {
  const id = fields.get('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new WebProblem(400, `The link names no ${what}.`);
  return Number(id);
}

/** One exclusion with its forms: `?p=/exclusion&id=12`. */
export const exclusion: Page = async ({ engine }, fields) => {
  const id = numberOf(fields, 'exclusion');
  const view = await engine.exclusions.exclusions();
  const one = [...view.active, ...view.ended].find((other) => other.id === id);
  if (one === undefined) throw new WebProblem(404, `There is no exclusion ${id}.`);
  const changes = (await engine.exclusions.changes()).filter((change) => change.exclusions.includes(id));
  const page = exclusionPage(one, view, changes);
  return { ...BASE, view: 'exclusion', page, server: view.server };
};

/** One exclusion that somebody else left: `?p=/found&key=…`. */
export const found: Page = async ({ engine }, fields) => {
  const key = fields.get('key') ?? '';
  const view = await engine.exclusions.exclusions();
  const one = view.found.find((other) => other.key === key);
  if (one === undefined)
    throw new WebProblem(
      404,
      'This is not found any more: the files say something else by now. The page Exclusions lists what they say.',
    );
  return { ...BASE, view: 'found', page: foundPage(one, view), server: view.server };
};

/** One change of the ledger: `?p=/change&id=12`. */
export const change: Page = async ({ engine }, fields) => {
  const id = numberOf(fields, 'change');
  const view = await engine.exclusions.change(id);
  if (view === null) throw new WebProblem(404, `There is no change ${id}.`);
  const page = { ...changePage(view), list: pageLink('/exclusions', { show: 'changes' }) };
  return { ...BASE, view: 'change', page, server: null };
};
