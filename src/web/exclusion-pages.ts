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
  const asked = fields.get('page') ?? '';
  const filter = {
    show: readTab(fields.get('show')),
    vhost: (fields.get('vhost') ?? '').trim().toLowerCase(),
    text: (fields.get('text') ?? '').trim(),
    page: /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : 1,
  };
  const view = await engine.exclusions.exclusions(filter);
  return { ...BASE, view: 'exclusions', page: exclusionsPage(view, filter), server: view.server };
};

function numberOf(fields: URLSearchParams, what: string): number {
  const id = fields.get('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new WebProblem(400, `The link names no ${what}.`);
  return Number(id);
}

/** One exclusion with its forms: `?p=/exclusion&id=12`. */
export const exclusion: Page = async ({ engine }, fields) => {
  const id = numberOf(fields, 'exclusion');
  const view = await engine.exclusions.exclusion(id);
  if (view === null) throw new WebProblem(404, `There is no exclusion ${id}.`);
  return { ...BASE, view: 'exclusion', page: exclusionPage(view), server: view.server };
};

/** One exclusion that somebody else left: `?p=/found&key=…`. */
export const found: Page = async ({ engine }, fields) => {
  const key = fields.get('key') ?? '';
  const view = await engine.exclusions.found(key);
  if (view === null)
    throw new WebProblem(
      404,
      'This is not found any more: the files say something else by now. The page Exclusions lists what they say.',
    );
  return { ...BASE, view: 'found', page: foundPage(view), server: view.server };
};

/** One change of the ledger: `?p=/change&id=12`. */
export const change: Page = async ({ engine }, fields) => {
  const id = numberOf(fields, 'change');
  const view = await engine.exclusions.change(id);
  if (view === null) throw new WebProblem(404, `There is no change ${id}.`);
  const page = { ...changePage(view), list: pageLink('/exclusions', { show: 'changes' }) };
  return { ...BASE, view: 'change', page, server: null };
};
