// What an admin says of addresses and causes: the list, and the forms that say it and take it back.
import { isIP } from 'node:net';
import type { MarkRequest } from '../actions/marks-view.ts';
import { causeIdLink, explainLink, incidentLink, pageLink } from './links.ts';
import type { Page } from './page.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { marksPage } from './view-marks.ts';
import { epochOf } from './view-time.ts';

const NUMBER = /^[1-9]\d{0,14}$/;
const PASTE = /^[\w-]{1,64}$/;
const NET = /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/;

/** All marks: `?p=/marks&show=ended&page=2`. */
export const marks: Page = async ({ engine }, fields) => {
  const show = fields.get('show') === 'ended' ? 'ended' : 'active';
  const asked = fields.get('page') ?? '';
  const view = await engine.marks.list({ show, page: /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : 1 });
  const base = { kind: 'view', status: 200, view: 'marks', section: 'inbox', find: true } as const;
  return { ...base, page: marksPage(view, { show }), server: view.server };
};

/** Where the form stood: a pasted text's page, an incident's, an address's, a cause's, else the list of marks. */
function backFrom(fields: URLSearchParams): string {
  const [paste, from, asked] = [fields.get('paste') ?? '', fields.get('from') ?? '', fields.get('q') ?? ''];
  const cause = fields.get('cause') ?? '';
  if (PASTE.test(paste)) return pageLink('/explain', { paste });
  if (isIP(asked) !== 0 && epochOf(from) !== null) return incidentLink(asked, from);
  if (isIP(asked) !== 0 || NET.test(asked)) return explainLink(asked);
  return NUMBER.test(cause) ? causeIdLink(Number(cause)) : pageLink('/marks');
}

/** What a form says: of a cause where it names one, else of an address. */
function requestOf(fields: URLSearchParams): MarkRequest {
  const cause = fields.get('cause') ?? '';
  const [kind, note] = [fields.get('kind') ?? '', fields.get('note') ?? ''];
  return cause === ''
    ? { subject: 'address', about: fields.get('address') ?? '', kind, note }
    : { subject: 'cause', about: cause, kind, note };
}

/** Keeps what was said. */
export const mark: Page = async ({ engine }, fields, { who, address }) => {
  try {
    await engine.marks.mark(requestOf(fields), { who, address });
  } catch (error) {
    throw spokenProblem(error);
  }
  return { kind: 'redirect', to: backFrom(fields) };
};

/** Takes it back. */
export const unmark: Page = async ({ engine }, fields, { who, address }) => {
  const id = fields.get('id') ?? '';
  if (!NUMBER.test(id)) throw new WebProblem(400, 'Nothing was changed: the form names no mark.');
  try {
    await engine.marks.unmark(Number(id), { who, address });
  } catch (error) {
    throw spokenProblem(error);
  }
  return { kind: 'redirect', to: backFrom(fields) };
};
