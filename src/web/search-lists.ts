// The list of logs that can be searched, and the lines around one line.
import type { SurroundingView } from '../actions/search-view.ts';
import type { SearchLog } from '../model.ts';
import { EMPTY_QUERY } from '../actions/search-query.ts';
import { pageLink } from './links.ts';
import type { Page } from './page.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { searchLink } from './search-query.ts';
import type { HitRow } from './view-search-lines.ts';
import { aroundLink, nearRows } from './view-search-lines.ts';
import { baseName, byteSize, counted, FieldValue, whole } from './view-text.ts';
import { duration } from './view-time.ts';

/** What stands for a secret in a line. */
const MASKED = '\u2022\u2022\u2022\u2022';
const PAGE_ROWS = 200;
/** Neighbours on each side: at first, and the choices of "more". */
const NEAR = 10;
const STEPS = [10, 20, 50, 100, 200] as const;

/** What views/search-logs.ejs needs. */
interface LogsPage {
  readonly title: string;
  readonly filter: FieldValue;
  readonly shown: string;
  readonly rows: readonly {
    readonly kind: string;
    readonly path: string;
    readonly href: string;
    readonly owner: string;
    readonly size: string;
    readonly changed: string;
    readonly problem: string | null;
    readonly how: string;
  }[];
  readonly empty: string;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
}

function ageText(ms: number): string {
  return ms < 1000 ? 'just now' : `${duration(Math.round(ms / 1000) * 1000)} ago`;
}

function howText(log: SearchLog): string {
  return [log.rotated ? 'rotated' : '', log.compressed ? 'packed' : '']
    .filter((text) => text !== '')
    .join(', ');
}

function holds(log: SearchLog, wanted: string): boolean {
  return [log.path, log.kind, log.vhost ?? '', log.account ?? '', log.problem ?? '', howText(log)].some(
    (text) => text.toLowerCase().includes(wanted),
  );
}

/** The logs that can be searched: `?p=/search/logs&text=shop&page=2`. A page that does not exist is the last one. */
export const logs: Page = async ({ engine, clock }, fields) => {
  const all = await engine.search.logs();
  const text = (fields.get('text') ?? '').trim();
  const wanted = text.toLowerCase();
  const matching = all.filter((log) => holds(log, wanted));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_ROWS));
  const asked = /^[1-9]\d{0,5}$/.test(fields.get('page') ?? '') ? Number(fields.get('page')) : 1;
  const number = Math.min(asked, pages);
  const link = (other: number): string =>
    pageLink('/search/logs', { text, page: other === 1 ? null : other });
  const now = clock();
  const page: LogsPage = {
    title: 'Logs that can be searched',
    filter: new FieldValue(text),
    shown: `${whole(matching.length)} of ${counted(all.length, 'log')}`,
    rows: matching.slice((number - 1) * PAGE_ROWS, number * PAGE_ROWS).map((log) => ({
      kind: log.kind,
      path: log.path,
      href: searchLink({ ...EMPTY_QUERY, logs: [log.path] }),
      owner: [log.vhost ?? '', log.account === null ? '' : `(${log.account})`].join(' ').trim(),
      size: byteSize(log.size),
      changed: ageText(now - log.mtimeMs),
      problem: log.problem,
      how: howText(log),
    })),
    empty:
      all.length === 0
        ? 'No log was found that can be searched.'
        : 'No log has this in its path, kind, vhost or account.',
    newer: number > 1 ? link(number - 1) : null,
    older: number < pages ? link(number + 1) : null,
    pages: `page ${whole(number)} of ${whole(pages)}`,
  };
  return {
    kind: 'view',
    status: 200,
    view: 'search-logs',
    section: 'search',
    find: true,
    page,
    server: null,
  };
};

/** What views/around.ejs needs. */
interface AroundPage {
  readonly title: string;
  readonly file: string;
  readonly crumb: string;
  readonly back: string;
  readonly lead: string;
  readonly rows: readonly HitRow[];
  readonly more: readonly { readonly href: string; readonly text: string; readonly current: boolean }[];
  readonly near: string | null;
  /** The form that shows what is masked; null when nothing is, or it is shown. */
  readonly reveal: {
    readonly action: string;
    readonly fields: readonly { readonly name: string; readonly value: string | number }[];
  } | null;
  /** The masked page, when secrets are shown. */
  readonly masked: string | null;
}

function readNumber(text: string | null, most: number): number | null {
  return text !== null && /^\d{1,15}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

interface Place {
  readonly file: string;
  readonly offset: number;
  readonly lines: number;
}

function placeOf(fields: URLSearchParams): Place {
  const file = fields.get('file') ?? '';
  const offset = readNumber(fields.get('offset'), Number.MAX_SAFE_INTEGER);
  const lines = fields.has('n') ? readNumber(fields.get('n'), STEPS.at(-1) ?? NEAR) : NEAR;
  if (file === '' || offset === null || lines === null)
    throw new WebProblem(400, 'The link names no line of a log.');
  return { file, offset, lines };
}

/** The page of some lines; `isOpen`: secrets in them are shown. */
function aroundPage({ file, offset, lines }: Place, view: SurroundingView, isOpen: boolean): AroundPage {
  const asked = view.lines.find((line) => line.asked);
  const place = `${baseName(view.file)} @ ${whole(view.offset)}`;
  const hasMasks = view.lines.some((line) => line.parts.some(({ text }) => text.includes(MASKED)));
  const link = (step: number): string => aroundLink(file, offset, step === NEAR ? null : step);
  const hidden = Object.entries({ file, offset, n: lines });
  return {
    title: `Lines around ${place}`,
    file: view.file,
    crumb: place,
    back: pageLink('/search'),
    lead: `Up to ${counted(lines, 'line')} on each side of the marked one, oldest first.`,
    rows: nearRows(view),
    more: STEPS.map((step) => ({ href: link(step), text: whole(step), current: step === lines })),
    near: asked?.at == null ? null : searchLink({ ...EMPTY_QUERY, from: `${asked.at} +-5 min`, limit: 1000 }),
    reveal:
      isOpen || !hasMasks
        ? null
        : { action: pageLink('/reveal'), fields: hidden.map(([name, value]) => ({ name, value })) },
    masked: isOpen ? link(lines) : null,
  };
}

const AROUND = { kind: 'view', view: 'around', section: 'search', find: true, status: 200 } as const;

/** The lines around one line: `?p=/search/around&file=PATH&offset=120&n=20`. */
export const around: Page = async ({ engine }, fields) => {
  const place = placeOf(fields);
  try {
    const view = await engine.search.around(place.file, place.offset, place.lines);
    return { ...AROUND, page: aroundPage(place, view, false), server: view.server };
  } catch (error) {
    throw spokenProblem(error);
  }
};

/** The same lines with what is masked in them: a POST, recorded before it is answered; no address leads here. */
export const reveal: Page = async ({ engine }, fields, { who, address }) => {
  const place = placeOf(fields);
  try {
    const view = await engine.search.reveal(place.file, place.offset, place.lines, { who, address });
    return { ...AROUND, page: aroundPage(place, view, true), server: view.server };
  } catch (error) {
    throw spokenProblem(error);
  }
};
