// The pages of explanations, and the routes of all: each page reads its query, asks the engine one question and says which view shows the answer.
import { isIP } from 'node:net';
import { act, actNow, adopt, edit, revert, settle } from './act-pages.ts';
import { bigForm, doctor, dot, tryOut } from './doctor-pages.ts';
import { cause, causes, setCauseState } from './cause-list-pages.ts';
import { domain, domains } from './domain-pages.ts';
import { change, exclusion, exclusions, found } from './exclusion-pages.ts';
import {
  firewall,
  firewallAlarm,
  firewallDone,
  firewallOrder,
  firewallPlan,
  firewallRun,
  firewallRunNow,
} from './firewall-pages.ts';
import { readInboxFilter } from './inbox-filter.ts';
import { explainLink, pageLink } from './links.ts';
import { mark, marks, unmark } from './mark-pages.ts';
import type { Page, PageAnswer, PageTools, Route, ViewAnswer } from './page.ts';
import { noPage } from './page.ts';
import { isBadInput, WebProblem } from './problems.ts';
import { exclude, propose, scope } from './propose-pages.ts';
import { report } from './report-pages.ts';
import { rule, rules } from './rule-pages.ts';
import { exportLines } from './search-export.ts';
import { around, logs, reveal } from './search-lists.ts';
import { forget, results, save, search, stop } from './search-pages.ts';
import { activityPage } from './view-activity.ts';
import { inboxPage } from './view-inbox.ts';
import { incidentPage, otherIncidentNote } from './view-incident.ts';
import { epochOf } from './view-time.ts';

/** Short targets get an address of their own that can be shared: addresses, nets, domains, ids. Never log lines. */
const SHAREABLE = /^[\p{L}\p{N}.:@_/+-]{1,253}$/u;
const NOTHING = 'Type an address, a domain or an id, or paste log lines or the whole mail.';
/** How much of a text that was not understood is shown again. */
const SHOWN_AGAIN = 20_000;

/** The inbox: `?p=/&verdict=…&since=…&vhost=…&blocked=1&page=2`. */
const inbox: Page = async ({ engine }, fields) => {
  const filter = readInboxFilter(fields);
  const answer = await engine.inbox(filter);
  const page = inboxPage(answer, filter);
  return {
    kind: 'view',
    status: 200,
    view: 'home',
    section: 'inbox',
    find: false,
    page,
    server: answer.server,
  };
};

/** The activity record: `?p=/activity`. */
const activity: Page = async ({ engine }) => {
  const page = activityPage(await engine.activity());
  return { kind: 'view', status: 200, view: 'activity', section: 'activity', find: true, page, server: null };
};

/** What was asked for stands in the link. */
const ADDRESSED = { from: null, paste: null } as const;

function askAgain(text: string, error: string): ViewAnswer {
  const page = { title: 'Not understood', text: text.slice(0, SHOWN_AGAIN), error };
  return { kind: 'view', status: 400, view: 'ask', section: 'inbox', find: false, page, server: null };
}

async function explained(
  { engine }: PageTools,
  text: string,
  { from, paste }: { readonly from: string | null; readonly paste: string | null },
): Promise<PageAnswer> {
  try {
    const explanation = await (from === null ? engine.explain(text) : engine.explain(text, from));
    const page = {
      ...incidentPage(explanation, paste),
      elsewhere: otherIncidentNote(explanation.incident, from),
    };
    const server = explanation.server;
    return { kind: 'view', status: 200, view: 'incident', section: 'inbox', find: true, page, server };
  } catch (error) {
    if (isBadInput(error)) return askAgain(text, error.message);
    throw error;
  }
}

/** An explanation: `?p=/explain&q=TARGET` for short targets, `?p=/explain&paste=ID` for what was pasted. */
const explain: Page = async (tools, fields) => {
  const id = fields.get('paste');
  if (id !== null) {
    const text = tools.pastes.get(id);
    if (text === null) {
      throw new WebProblem(
        404,
        'The pasted text is kept for 12 hours, and this one is gone. Paste it again.',
      );
    }
    return await explained(tools, text, { from: null, paste: id });
  }
  const target = (fields.get('q') ?? '').trim();
  return target === '' ? { kind: 'redirect', to: pageLink('/') } : await explained(tools, target, ADDRESSED);
};

/** Takes the box's text and answers with the address of its explanation, so that reload and back ask nothing again. */
const ask: Page = ({ pastes }, fields) => {
  const text = (fields.get('q') ?? '').trim();
  if (text === '') return askAgain('', NOTHING);
  if (SHAREABLE.test(text)) return { kind: 'redirect', to: explainLink(text) };
  return { kind: 'redirect', to: pageLink('/explain', { paste: pastes.put(text) }) };
};

/** One incident: `?p=/incident&ip=ADDRESS&from=ISO-TIME`. */
const incident: Page = async (tools, fields) => {
  const address = fields.get('ip') ?? '';
  const from = fields.get('from');
  if (isIP(address) === 0) throw new WebProblem(400, 'The link names no address.');
  if (from !== null && epochOf(from) === null) throw new WebProblem(400, 'The link names no time.');
  return await explained(tools, address, { from, paste: null });
};

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { methods: ['GET'], get: inbox, post: noPage },
  '/explain': { methods: ['GET', 'POST'], get: explain, post: ask, isHarmless: true },
  '/incident': { methods: ['GET'], get: incident, post: noPage },
  '/report': { methods: ['GET'], get: report, post: noPage },
  '/domains': { methods: ['GET'], get: domains, post: noPage },
  '/domain': { methods: ['GET'], get: domain, post: noPage },
  '/causes': { methods: ['GET'], get: causes, post: noPage },
  '/cause': { methods: ['GET'], get: cause, post: noPage },
  '/cause/state': { methods: ['POST'], get: noPage, post: setCauseState },
  '/rules': { methods: ['GET'], get: rules, post: noPage },
  '/rule': { methods: ['GET'], get: rule, post: noPage },
  '/propose': { methods: ['GET'], get: propose, post: noPage },
  '/scope': { methods: ['GET'], get: scope, post: noPage },
  '/exclude': { methods: ['POST'], get: noPage, post: exclude },
  '/act': { methods: ['GET'], get: act, post: noPage },
  '/act/state': { methods: ['GET'], get: actNow, post: noPage },
  '/exclusions': { methods: ['GET'], get: exclusions, post: noPage },
  '/exclusion': { methods: ['GET'], get: exclusion, post: noPage },
  '/exclusion/edit': { methods: ['POST'], get: noPage, post: edit },
  '/revert': { methods: ['POST'], get: noPage, post: revert },
  '/found': { methods: ['GET'], get: found, post: noPage },
  '/adopt': { methods: ['POST'], get: noPage, post: adopt },
  '/settle': { methods: ['POST'], get: noPage, post: settle },
  '/change': { methods: ['GET'], get: change, post: noPage },
  '/search': { methods: ['GET'], get: search, post: noPage },
  '/search/results': { methods: ['GET'], get: results, post: noPage },
  '/search/stop': { methods: ['POST'], get: noPage, post: stop, isHarmless: true },
  '/search/logs': { methods: ['GET'], get: logs, post: noPage },
  '/search/around': { methods: ['GET'], get: around, post: noPage },
  '/reveal': { methods: ['POST'], get: noPage, post: reveal },
  '/search/export': { methods: ['GET'], get: exportLines, post: noPage },
  '/search/save': { methods: ['POST'], get: noPage, post: save },
  '/search/forget': { methods: ['POST'], get: noPage, post: forget },
  '/marks': { methods: ['GET'], get: marks, post: noPage },
  '/mark': { methods: ['POST'], get: noPage, post: mark },
  '/unmark': { methods: ['POST'], get: noPage, post: unmark },
  '/firewall': { methods: ['GET'], get: firewall, post: noPage },
  '/firewall/act': { methods: ['GET', 'POST'], get: firewallPlan, post: firewallOrder },
  '/firewall/run': { methods: ['GET'], get: firewallRun, post: noPage },
  '/firewall/run/state': { methods: ['GET'], get: firewallRunNow, post: noPage },
  '/firewall/done': { methods: ['GET'], get: firewallDone, post: noPage },
  '/firewall/alarm': { methods: ['POST'], get: noPage, post: firewallAlarm },
  '/doctor': { methods: ['GET'], get: doctor, post: noPage },
  '/doctor/form': { methods: ['GET'], get: bigForm, post: noPage },
  '/doctor/dot': { methods: ['GET'], get: dot, post: noPage },
  '/doctor/try': { methods: ['POST'], get: noPage, post: tryOut, isHarmless: true },
  '/activity': { methods: ['GET'], get: activity, post: noPage },
};

/** The names of all pages. */
export const PAGE_NAMES: readonly string[] = Object.keys(ROUTES);

/** The route of a page's name, e.g. `/explain`; throws a 404 problem for a name that does not exist. */
export function routeOf(name: string): Route {
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (route === undefined) throw new WebProblem(404, '');
  return route;
}
