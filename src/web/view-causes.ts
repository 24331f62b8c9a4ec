// The list of causes: its finding as a headline, filters, the noise matrix, the rows, and what the engine itself failed on.
import type { CausesFilter, CausesView, EngineErrorRow } from '../actions/causes-view.ts';
import { causesLink, DAY_CHOICES, STATE_TABS } from './causes-filter.ts';
import { domainLink, ruleLink } from './links.ts';
import type { CauseEntry } from './view-cause-words.ts';
import { causeEntry, vhostWords } from './view-cause-words.ts';
import type { MatrixView } from './view-matrix.ts';
import { matrixView } from './view-matrix.ts';
import { aroundLink } from './view-search-lines.ts';
import type { LongText } from './view-text.ts';
import { baseName, counted, FieldValue, longText, whole } from './view-text.ts';
import { dayTime, shortTime } from './view-time.ts';

/** Lines of one engine error that are linked. */
const MOST_LINES = 3;

interface EngineErrorView {
  readonly kind: string;
  readonly text: LongText;
  readonly vhost: string;
  readonly vhostHref: string | null;
  readonly rule: { readonly id: string; readonly href: string } | null;
  readonly requests: string;
  readonly visitors: string;
  readonly last: string;
  readonly limit: string;
  readonly words: string;
  readonly lines: readonly { readonly href: string; readonly text: string }[];
}

/** What views/causes.ejs needs. */
export interface CausesPage {
  readonly title: string;
  readonly headline: string;
  readonly lead: string;
  readonly counted: string;
  readonly notes: readonly {
    readonly strong: string;
    readonly text: string;
    readonly href: string;
    readonly link: string;
  }[];
  readonly filter: {
    readonly vhost: FieldValue;
    readonly rule: FieldValue;
    readonly text: FieldValue;
    readonly state: string;
    readonly days: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
  };
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly shown: string;
  readonly matrix: MatrixView | null;
  readonly rows: readonly CauseEntry[];
  readonly empty: {
    readonly title: string;
    readonly text: string;
    readonly links: readonly { readonly href: string; readonly text: string }[];
  } | null;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
  readonly errors: readonly EngineErrorView[];
  readonly errorsTitle: string;
}

function headlineOf({ noisy, countedAt, waiting }: CausesView): string {
  if (countedAt === null) return 'The causes are not counted yet';
  if (noisy > 0) return `${counted(noisy, 'cause')} ${noisy === 1 ? 'stops' : 'stop'} ordinary visitors`;
  return waiting > 0
    ? 'No cause is known so far that stops many ordinary visitors'
    : 'No cause is known that stops many ordinary visitors';
}

function notesOf(view: CausesView, filter: CausesFilter): CausesPage['notes'] {
  const notes: CausesPage['notes'][number][] = [];
  const { waiting, errors } = view;
  if (waiting > 0) {
    const verb = waiting === 1 ? 'waits' : 'wait';
    notes.push({
      strong: `${counted(waiting, 'incident')} ${verb} to be judged.`,
      text: 'What they hit is not counted yet: numbers may still rise.',
      href: causesLink(filter),
      link: 'Look again',
    });
  }
  if (errors.length > 0) {
    const requests = errors.reduce((sum, one) => sum + one.requests, 0);
    notes.push({
      strong: `The engine itself failed on ${counted(requests, 'request')}.`,
      text: 'That is no cause and no attack.',
      href: '#h-failed',
      link: 'What failed',
    });
  }
  return notes;
}

function isNarrowed({ vhost, ruleId, text }: CausesFilter): boolean {
  return vhost !== null || ruleId !== null || text !== '';
}

function emptyOf(view: CausesView, filter: CausesFilter): CausesPage['empty'] {
  if (view.rows.length > 0) return null;
  const all = causesLink({ ...filter, vhost: null, ruleId: null, text: '', state: 'all', page: 1 });
  const span = `in the last ${counted(Math.min(filter.days, view.days), 'day')}`;
  if (view.countedAt === null)
    return {
      title: 'Not counted yet.',
      text: 'Causes are counted after the incidents are judged, soon after the service has started. That there are none here says nothing.',
      links: [{ href: causesLink(filter), text: 'Look again' }],
    };
  if (view.matching > 0)
    return {
      title: 'This page of the list is empty.',
      text: `The list has ${counted(view.pages, 'page')}.`,
      links: [{ href: causesLink(filter, { page: 1 }), text: 'First page' }],
    };
  if (isNarrowed(filter))
    return {
      title: 'No cause passes this filter.',
      text: `Nothing matches it ${span}.`,
      links: [{ href: all, text: 'Show all' }],
    };
  if (view.counts.all > 0 && filter.state !== 'all')
    return {
      title: filter.state === 'open' ? 'No cause is open.' : 'No cause is in this state.',
      text: `${counted(view.counts.all, 'cause')} in all ${span}.`,
      links: [{ href: all, text: 'Show all' }],
    };
  return {
    title: `No cause ${span}.`,
    text:
      view.waiting > 0
        ? `${counted(view.waiting, 'incident')} are not judged yet.`
        : 'The logs are read: no rule reacted to a request.',
    links: [],
  };
}

const KINDS: Readonly<Record<EngineErrorRow['kind'], string>> = {
  parser: 'The body could not be parsed',
  limit: 'A limit was reached',
  execution: 'A rule could not be run',
  internal: 'An error inside ModSecurity',
};

function errorView(row: EngineErrorRow, now: string): EngineErrorView {
  const { ruleId, vhost } = row;
  return {
    kind: KINDS[row.kind],
    text: longText(row.text, 200),
    vhost: vhostWords(vhost),
    vhostHref: vhost === '' ? null : domainLink(vhost),
    rule: ruleId === null ? null : { id: ruleId, href: ruleLink(ruleId) },
    requests: whole(row.requests),
    visitors: whole(row.visitors),
    last: shortTime(row.lastAt, now),
    limit: row.limit ?? 'none would help',
    words: row.words,
    lines: row.lines.slice(0, MOST_LINES).map(({ file, offset }) => ({
      href: aroundLink(file, offset),
      text: `${baseName(file)} @ ${whole(offset)}`,
    })),
  };
}

function shownWords({ rows, matching, page }: CausesView): string {
  if (rows.length === 0) return '';
  return page === 1 && rows.length === matching
    ? `${counted(matching, 'cause')}, highest score first`
    : `${whole(rows.length)} of ${counted(matching, 'cause')}, highest score first`;
}

/** Builds the list from one engine answer and the filter of the URL. */
export function causesPage(view: CausesView, filter: CausesFilter): CausesPage {
  const { server, rows, page, pages } = view;
  return {
    title: 'Causes',
    headline: headlineOf(view),
    lead: `A cause is one rule, on one target, at one kind of path, on one vhost. Numbers are of the last ${counted(view.days, 'day')}; visitors are different addresses, not log lines. Where several rules hit one field, the one that decides most stands for all.`,
    counted: view.countedAt === null ? '' : `Counted ${dayTime(view.countedAt)}.`,
    notes: notesOf(view, filter),
    filter: {
      vhost: new FieldValue(filter.vhost ?? ''),
      rule: new FieldValue(filter.ruleId ?? ''),
      text: new FieldValue(filter.text),
      state: filter.state === 'open' ? '' : filter.state,
      days: DAY_CHOICES.map(({ days, text }) => ({
        value: String(days),
        text,
        selected: days === filter.days,
      })),
    },
    tabs: STATE_TABS.map(({ state, name }) => ({
      href: causesLink(filter, { state, page: 1 }),
      name,
      count: whole(view.counts[state]),
      current: state === filter.state,
    })),
    shown: shownWords(view),
    matrix: matrixView(view.matrix),
    rows: rows.map(causeEntry),
    empty: emptyOf(view, filter),
    newer: page > 1 && rows.length > 0 ? causesLink(filter, { page: page - 1 }) : null,
    older: page < pages && rows.length > 0 ? causesLink(filter, { page: page + 1 }) : null,
    pages: `page ${whole(page)} of ${whole(Math.max(pages, 1))}`,
    errors: view.errors.map((row) => errorView(row, server.now)),
    errorsTitle: `The engine failed: ${counted(view.errors.length, 'kind of failure', 'kinds of failure')}`,
  };
}
