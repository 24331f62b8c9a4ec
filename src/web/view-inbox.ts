// The inbox page: tabs, filter, rows, paging, log health and its empty states.
import type { Inbox, InboxFilter } from '../actions/inbox-view.ts';
import { inboxLink, SINCE_CHOICES, sinceValue } from './inbox-filter.ts';
import { checkLink } from './view-check.ts';
import { markedLine } from './view-marks.ts';
import type { IncidentRowView } from './view-rows.ts';
import { incidentRows } from './view-rows.ts';
import { counted, whole } from './view-text.ts';
import { duration, epochOf } from './view-time.ts';

interface EmptyView {
  readonly title: string;
  readonly text: string;
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

/** What views/home.ejs needs. */
export interface InboxPage {
  readonly title: string;
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly filter: {
    readonly verdict: string;
    readonly vhost: string;
    readonly blocked: boolean;
    readonly since: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
  };
  readonly shown: string;
  /** How many addresses are marked, with the list of them. */
  readonly marked: { readonly href: string; readonly text: string } | null;
  readonly rows: readonly IncidentRowView[];
  readonly unreadable: { readonly text: string; readonly retry: string } | null;
  readonly empty: EmptyView | null;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
  readonly health: readonly {
    readonly name: string;
    readonly state: string;
    readonly text: string;
    readonly href: string | null;
  }[];
  readonly healthTitle: string;
}

const TABS = [
  { verdict: 'all', name: 'All', count: 'all' },
  { verdict: 'false-positive', name: 'False positive', count: 'falsePositive' },
  { verdict: 'unclear', name: 'Unclear', count: 'unclear' },
  { verdict: 'attack', name: 'Attack', count: 'attack' },
  { verdict: 'other', name: 'Other', count: 'other' },
] as const;

function spanWords(filter: InboxFilter): string {
  const choice = SINCE_CHOICES.find((one) => one.hours === filter.sinceHours);
  return filter.sinceHours === null
    ? 'in everything that is kept'
    : `in the last ${choice?.text ?? '24 hours'}`;
}

function lastLineWords(inbox: Inbox): string {
  const last = inbox.lastLine === null ? null : epochOf(inbox.lastLine);
  const now = epochOf(inbox.server.now);
  if (last === null || now === null) return 'No log line has been read yet.';
  return `The last log line read is ${duration(now - last)} old.`;
}

function healthWords(inbox: Inbox): string {
  const troubles = inbox.health.filter((item) => item.state === 'warn' || item.state === 'bad').length;
  const bad = inbox.health.some((item) => item.state === 'bad');
  if (inbox.health.length === 0) return 'Logs: none is read yet';
  if (troubles === 0) return 'Logs: all read';
  return `Logs: ${bad ? 'not all read' : 'all read'}, ${counted(troubles, 'thing')} to know`;
}

function emptyView(inbox: Inbox, filter: InboxFilter): EmptyView | null {
  if (inbox.rows.length > 0 || inbox.unreadable !== null) return null;
  if (inbox.matching > 0) {
    return {
      title: 'This page of the list is empty.',
      text: `The list has ${counted(inbox.pages, 'page')}.`,
      links: [{ href: inboxLink(filter, { page: 1 }), text: 'First page' }],
    };
  }
  const filtered = filter.verdict !== 'all' || filter.vhost !== null || filter.blockedOnly;
  const all = inboxLink({ ...filter, verdict: 'all', vhost: null, blockedOnly: false, page: 1 });
  if (filtered) {
    const hidden = inbox.counts.all;
    return {
      title:
        hidden > 0 ? `The filter hides ${counted(hidden, 'incident')}.` : 'No incident passes this filter.',
      text: `Nothing matches it ${spanWords(filter)}.`,
      links: [{ href: all, text: 'Show all' }],
    };
  }
  const longer = SINCE_CHOICES.filter(
    (one) => filter.sinceHours !== null && (one.hours ?? Infinity) > filter.sinceHours,
  );
  const unread = inbox.health.some((item) => item.state === 'bad');
  return {
    title: `No incidents ${spanWords(filter)}.`,
    text: unread
      ? 'Not all logs are read (see below), so that does not mean nothing happened.'
      : `The logs are being read. ${lastLineWords(inbox)}`,
    links: longer.map((one) => ({
      href: inboxLink(filter, { sinceHours: one.hours, page: 1 }),
      text: `Show ${one.text}`,
    })),
  };
}

/** Builds the inbox page from one engine answer and the filter of the URL. */
export function inboxPage(inbox: Inbox, filter: InboxFilter): InboxPage {
  const { unreadable } = inbox;
  return {
    title: 'Inbox',
    tabs: TABS.map((tab) => ({
      href: inboxLink(filter, { verdict: tab.verdict, page: 1 }),
      name: tab.name,
      count: whole(inbox.counts[tab.count]),
      current: tab.verdict === filter.verdict,
    })),
    filter: {
      verdict: filter.verdict,
      vhost: filter.vhost ?? '',
      blocked: filter.blockedOnly,
      since: SINCE_CHOICES.map(({ value, text }) => ({
        value,
        text,
        selected: value === sinceValue(filter),
      })),
    },
    shown:
      inbox.rows.length === 0 ? '' : `${whole(inbox.shown)} of ${whole(inbox.matching)} shown, newest first`,
    marked: markedLine(inbox.marked),
    rows: incidentRows(inbox.rows, inbox.server.now),
    unreadable:
      unreadable === null
        ? null
        : { text: `${unreadable.path}: ${unreadable.problem}`, retry: inboxLink(filter) },
    empty: emptyView(inbox, filter),
    newer: filter.page > 1 && inbox.rows.length > 0 ? inboxLink(filter, { page: filter.page - 1 }) : null,
    older:
      filter.page < inbox.pages && inbox.rows.length > 0
        ? inboxLink(filter, { page: filter.page + 1 })
        : null,
    pages: `page ${whole(filter.page)} of ${whole(Math.max(inbox.pages, 1))}`,
    health: inbox.health.map(({ name, state, text, check }) => ({
      name,
      state,
      text,
      href: checkLink(check),
    })),
    healthTitle: healthWords(inbox),
  };
}
