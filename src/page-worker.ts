// The worker thread of the service that answers the pages, so that none of them waits for the reading of logs: most of them on a
// connection that only reads; rules and exclusions (previews, lists, and the queue of acts) in turn on one that writes.
import { parentPort, workerData } from 'node:worker_threads';
import { ActDesk } from './actions/act-desk.ts';
import { activityRows } from './actions/activity.ts';
import { withAgain } from './actions/block-next.ts';
import { setCauseState } from './actions/cause-states.ts';
import { listCauses, readCause } from './actions/causes.ts';
import { viewDomain, listDomains } from './actions/domains.ts';
import { noteSeen, noteTrial } from './actions/doctor-seen.ts';
import type { DoctorReport } from './actions/doctor-view.ts';
import { keepOwnFile } from './actions/drift.ts';
import { readReason } from './actions/exclude.ts';
import { explain } from './actions/explain.ts';
import type { Explanation, IsoTime } from './actions/explanation.ts';
import { clearAlarm } from './actions/firewall-alarm.ts';
import { FirewallDesk } from './actions/firewall-desk.ts';
import {
  firewallActRow,
  firewallActs,
  type FirewallList,
  firewallPreview,
} from './actions/firewall-ledger.ts';
import { listFirewall } from './actions/firewall-list.ts';
import { firewallOrder } from './actions/firewall-plan.ts';
import type { FirewallFilter } from './actions/firewall-view.ts';
import { readInbox } from './actions/inbox.ts';
import { listMarks } from './actions/mark-list.ts';
import { NOT_READ_YET, type ReadState } from './actions/read-state.ts';
import { savedSearches } from './actions/saved-searches.ts';
import { propose } from './actions/offer.ts';
import { adoptOrder, adoptOwnOrder, editOrder, excludeOrder, revertOrder } from './actions/orders.ts';
import { viewChange } from './actions/change-list.ts';
import { excludedHere, sliceExclusions, viewExclusion, viewFound } from './actions/exclusion-lists.ts';
import { findCause } from './actions/find-cause.ts';
import { refresh } from './actions/refresh.ts';
import { makeReport } from './actions/report.ts';
import { scoreHistogram } from './actions/score-histogram.ts';
import { listRules, viewRule } from './actions/rule-view.ts';
import { vhostNamed } from './actions/scope-request.ts';
import { type OpenContext, openContext } from './context.ts';
import type { PageQuestions, WorkerOptions } from './engine.ts';
import { answerQuestions } from './thread.ts';

if (parentPort === null) throw new Error('page-worker.ts runs only as a worker thread');
const port = parentPort;
/** Requests that a page shows of one incident: a flood of thousands would only fill memory. */
const SHOWN = 200;

let state: ReadState = NOT_READ_YET;
/** Grows when the reading thread had to make the database anew: connections to the old file are of no use then. */
let generation = 0;
let pages = open(false);
let ctx = open(true);

function open(writes: boolean): OpenContext {
  return openContext({
    ...(workerData as WorkerOptions),
    reader: () => state,
    writes,
    warn: (sentence) => {
      process.stderr.write(`whyblocked: ${sentence}\n`);
    },
  });
}

/** What the reading thread says of its work, before each question of a page. */
function hear(heard: ReadState, made: number): Promise<null> {
  state = heard;
  if (made === generation) return Promise.resolve(null);
  generation = made;
  return inTurn(() => {
    pages.close();
    const old = ctx;
    pages = open(false);
    ctx = open(true);
    // An act that is at work is brought to its end on the connection that it began with.
    void Promise.all([desk.idle(), firewallDesk.idle()]).finally(() => {
      old.close();
    });
    return Promise.resolve(null);
  });
}

const desk = new ActDesk(() => ctx);
const firewallDesk = new FirewallDesk(() => ctx);
/** Acts on the firewall that stand below its lists. */
const NEWEST_ACTS = 20;

// One question at a time: they share a connection with the reading of logs that some of them begin with.
let queue: Promise<unknown> = Promise.resolve();

function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const next = queue.then(work);
  queue = next.catch(() => undefined);
  return next;
}

/** The server's own programs take their time: the others need not wait for them. */
async function examined(): Promise<DoctorReport> {
  const { examineAt } = await import('./actions/doctor.ts');
  return examineAt(ctx, await inTurn(() => refresh(ctx)));
}

async function explained(text: string, from: IsoTime | null): Promise<Explanation> {
  return withAgain(pages, await explain(pages, text, { from, most: SHOWN }));
}

async function firewallList(filter: FirewallFilter): Promise<FirewallList> {
  const view = await listFirewall(pages, filter);
  return { ...view, acts: await firewallActs(pages, NEWEST_ACTS), cannot: pages.host.csf.refusal };
}

answerQuestions<PageQuestions>(port, {
  hear,
  explain: explained,
  inbox: (filter) => readInbox(pages, filter),
  report: (request) => makeReport(pages, request),
  activity: () => activityRows(pages),
  saved: () => savedSearches(pages),
  marks: (filter) => listMarks(pages, filter),
  domains: () => inTurn(() => listDomains(ctx)),
  domain: (vhost) => inTurn(() => viewDomain(ctx, vhost)),
  rules: (filter) => inTurn(() => listRules(ctx, filter)),
  rule: (id) => inTurn(() => viewRule(ctx, id, excludedHere(ctx, id))),
  propose: (fields) => inTurn(() => propose(ctx, fields)),
  exclude: (request) => inTurn(async () => desk.submit(await excludeOrder(ctx, request))),
  revert: (id, reason, author) =>
    inTurn(() => Promise.resolve(desk.submit(revertOrder(ctx, [id], { reason, author })))),
  edit: (id, change, author) =>
    inTurn(() => Promise.resolve(desk.submit(editOrder(ctx, id, { ...change, author })))),
  adopt: (key, reason, author) =>
    inTurn(async () => desk.submit(await adoptOrder(ctx, key, { reason, author }))),
  settle: (name, how, reason, author) =>
    inTurn(() => {
      if (how === 'adopt')
        return adoptOwnOrder(ctx, name, { reason, author }).then((order) => desk.submit(order));
      const sentence = keepOwnFile(ctx, vhostNamed(ctx, name), { author, reason: readReason(reason) });
      return Promise.resolve(desk.note(sentence));
    }),
  act: (id, waitMs) => desk.look(id, waitMs),
  exclusions: (filter) =>
    inTurn(async () => {
      await refresh(ctx);
      return sliceExclusions(ctx, filter);
    }),
  exclusion: (id) =>
    inTurn(async () => {
      await refresh(ctx);
      return viewExclusion(ctx, id);
    }),
  found: (key) => inTurn(() => viewFound(ctx, key)),
  examine: () => examined(),
  examineText: async () => {
    const [{ redacted }, { reportText }] = await Promise.all([
      import('./actions/doctor.ts'),
      import('./actions/doctor-text.ts'),
    ]);
    return reportText(redacted(ctx, await examined()));
  },
  saw: (look) =>
    inTurn(() => {
      noteSeen(ctx, look, Date.now());
      return Promise.resolve(null);
    }),
  trial: (id, result) =>
    inTurn(() => {
      noteTrial(ctx, { id, at: Date.now(), result });
      return Promise.resolve(null);
    }),
  change: (id) => inTurn(() => viewChange(ctx, id)),
  causes: (filter) => inTurn(() => listCauses(ctx, filter)),
  cause: (id) => inTurn(() => readCause(ctx, id)),
  causeByKey: (names) => inTurn(() => findCause(ctx, names)),
  setCauseState: (id, change, by) => inTurn(() => setCauseState(ctx, id, change, by)),
  histogram: (vhost) => inTurn(() => scoreHistogram(ctx, vhost)),
  'firewall.list': firewallList,
  'firewall.plan': (request, by) => inTurn(() => firewallPreview(ctx, request, by)),
  'firewall.order': (request, confirmation) =>
    inTurn(async () => firewallDesk.submit(await firewallOrder(ctx, request, confirmation))),
  'firewall.run': (id, waitMs) => firewallDesk.look(id, waitMs),
  'firewall.act': (id) => firewallActRow(pages, id),
  'firewall.endAlarm': (reason, by) => inTurn(() => Promise.resolve(clearAlarm(ctx, reason, by))),
  stop: () =>
    inTurn(async () => {
      await Promise.all([desk.idle(), firewallDesk.idle()]);
      pages.close();
      ctx.close();
      return null;
    }),
});
