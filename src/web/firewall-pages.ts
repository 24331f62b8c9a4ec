// csf's lists, and the acts on them: shown before they are done, started, watched, looked up later.
import type { FirewallRequest } from '../actions/firewall-view.ts';
import { readFirewallFilter, readFirewallRequest } from './firewall-query.ts';
import { pageLink } from './links.ts';
import type { Page, PageAnswer, PageTools, Visit } from './page.ts';
import { isBadInput, isRefused, spokenProblem, WebProblem } from './problems.ts';
import { firewallPage } from './view-firewall.ts';
import { askForm, type AskPage } from './view-firewall-ask.ts';
import { type ActInput, firewallPlanPage, NO_INPUT, readSeen } from './view-firewall-plan.ts';
import { donePage, runPage, runState } from './view-firewall-run.ts';

const BASE = { kind: 'view', status: 200, section: 'firewall', find: true } as const;
/** How long a page waits for news before it shows what there is, and how long a poll may wait. */
const WAIT_MS = 300;
const POLL_MS = 1000;
const RUN_ID = /^f[1-9]\d{0,8}$/;
const NUMBER = /^[1-9]\d{0,14}$/;

/** The lists: `?p=/firewall&kind=waf&q=TEXT&page=2`. */
export const firewall: Page = async ({ engine }, fields) => {
  const filter = readFirewallFilter(fields);
  const list = await engine.firewall.list(filter);
  return { ...BASE, view: 'firewall', page: firewallPage(list, filter), server: list.server };
};

/** An act before it is done: `?p=/firewall/act&do=unblock&target=…&from=…&seconds=…&net=1&allow=…`. */
export const firewallPlan: Page = async (tools, fields, visit) => {
  const request = readFirewallRequest(fields);
  if (request === null) throw new WebProblem(400, 'The link names nothing that could be done.');
  return await planned(tools, request, { sent: NO_INPUT, status: 200, visit });
};

async function planned(
  { engine }: PageTools,
  request: FirewallRequest,
  { sent, status, visit }: { readonly sent: ActInput; readonly status: number; readonly visit: Visit },
): Promise<PageAnswer> {
  try {
    const preview = await engine.firewall.plan(request, visit.address);
    const page = firewallPlanPage(preview, sent);
    return { ...BASE, status, view: 'firewall-plan', page, server: preview.server };
  } catch (error) {
    if (isBadInput(error)) return askAgain(request, error);
    throw error;
  }
}

/** The form that names an address again, with what could not be understood. */
function askAgain(request: FirewallRequest, error: { readonly message: string }): PageAnswer {
  const ask = askForm(request, { field: fieldOf(error), text: error.message });
  const page: AskPage = { title: 'Which address?', ask };
  return { ...BASE, status: 400, view: 'firewall-ask', page, server: null };
}

function fieldOf(error: { readonly message: string }): string {
  return 'field' in error && typeof error.field === 'string' ? error.field : '';
}

/** Starts an act, and leads to the page that watches it. What is wrong comes back at its field. */
export const firewallOrder: Page = async (tools, fields, visit) => {
  const request = readFirewallRequest(fields);
  if (request === null) throw new WebProblem(400, 'Nothing was changed: the form names nothing to be done.');
  const [reason, typed] = [(fields.get('reason') ?? '').trim(), fields.get('typed') ?? ''];
  const sent = { ...NO_INPUT, reason, typed };
  if (reason === '')
    return await planned(tools, request, {
      sent: { ...sent, errors: new Map([['reason', 'Say why: the reason stays in the activity.']]) },
      status: 400,
      visit,
    });
  try {
    const seen = readSeen(fields.get('seen') ?? '');
    const act = await tools.engine.firewall.order(request, confirmation({ reason, typed, seen }, visit));
    return { kind: 'redirect', to: pageLink('/firewall/run', { id: act.id }) };
  } catch (error) {
    return await notStarted(tools, request, { sent, visit }, error);
  }
};

function confirmation(
  {
    reason,
    typed,
    seen,
  }: { readonly reason: string; readonly typed: string; readonly seen: readonly string[] },
  { who, address }: Visit,
): Parameters<PageTools['engine']['firewall']['order']>[1] {
  return { who, address, reason, typed: typed === '' ? null : typed, seen };
}

async function notStarted(
  tools: PageTools,
  request: FirewallRequest,
  { sent, visit }: { readonly sent: ActInput; readonly visit: Visit },
  error: unknown,
): Promise<PageAnswer> {
  if (isRefused(error))
    return await planned(tools, request, { sent: { ...sent, problem: error.message }, status: 409, visit });
  if (!isBadInput(error)) throw error;
  const field = fieldOf(error);
  const change =
    field === 'reason' || field === 'typed'
      ? { errors: new Map([[field, error.message]]) }
      : { problem: error.message };
  return await planned(tools, request, { sent: { ...sent, ...change }, status: 400, visit });
}

const GONE = 'This act is not kept any more. The page Firewall lists the newest acts with what came of each.';

/** An act while it runs and after: `?p=/firewall/run&id=f1`. */
export const firewallRun: Page = async ({ engine }, fields) => {
  const act = await running(engine.firewall, fields.get('id') ?? '', WAIT_MS);
  const page = runPage(act);
  const refresh = page.state.busy ? pageLink('/firewall/run', { id: act.id }) : null;
  return { ...BASE, view: 'firewall-act', page, server: null, refresh };
};

/** The state alone, for the script that polls it: `?p=/firewall/run/state&id=f1`. */
export const firewallRunNow: Page = async ({ engine }, fields) => {
  const act = await running(engine.firewall, fields.get('id') ?? '', POLL_MS);
  return { ...BASE, view: 'act-state', page: { title: '', state: runState(act) }, server: null };
};

async function running(
  engine: PageTools['engine']['firewall'],
  id: string,
  waitMs: number,
): Promise<NonNullable<Awaited<ReturnType<PageTools['engine']['firewall']['run']>>>> {
  const act = RUN_ID.test(id) ? await engine.run(id, waitMs) : null;
  if (act === null) throw new WebProblem(404, GONE);
  return act;
}

/** An act of the ledger: `?p=/firewall/done&id=7`. */
export const firewallDone: Page = async ({ engine }, fields) => {
  const id = fields.get('id') ?? '';
  const act = NUMBER.test(id) ? await engine.firewall.act(Number(id)) : null;
  if (act === null) throw new WebProblem(404, 'No act on the firewall has this number.');
  return { ...BASE, view: 'firewall-act', page: donePage(act), server: null };
};

/** Somebody has looked at what went wrong; where that is refused, the page says why and keeps what was typed. */
export const firewallAlarm: Page = async ({ engine }, fields, { who, address }) => {
  const reason = fields.get('reason') ?? '';
  try {
    await engine.firewall.endAlarm(reason, { who, address });
  } catch (error) {
    if (!isBadInput(error) && !isRefused(error)) throw error;
    const filter = readFirewallFilter(new URLSearchParams());
    const list = await engine.firewall.list(filter);
    if (list.alarm === null) throw spokenProblem(error);
    const page = firewallPage(list, filter, { reason, error: error.message });
    return { ...BASE, status: isRefused(error) ? 409 : 400, view: 'firewall', page, server: list.server };
  }
  return { kind: 'redirect', to: pageLink('/firewall') };
};
