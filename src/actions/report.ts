// A report about one incident, ready for a ticket: from the request to the finished document.
import { packageFor, packageState } from '../analyse/crs-packages.ts';
import { ruleWords } from '../analyse/rule-words.ts';
import type { EpochMs } from '../model.ts';
import { normalizeAddress } from '../parse/address.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import type { IsoTime } from './explanation.ts';
import { transactionsOf } from './incidents.ts';
import { isoTime } from './iso-time.ts';
import { type CasePackage, whatToChange } from './report-advice.ts';
import { type ReportCase, reportCase } from './report-case.ts';
import { findChanges, whatChanged } from './report-changed.ts';
import { howToCheck, notKnown } from './report-check.ts';
import { crsReport } from './report-crs.ts';
import { happened, reportTitle, whyRefused } from './report-happened.ts';
import { netKnown, shownAddress } from './report-known.ts';
import { netted } from './report-net.ts';
import { chooseSite, type Site, touchedBy } from './report-site.ts';
import { type ReportStory, storyOf } from './report-story.ts';
import { timeOf, valueOf } from './report-value.ts';
import type {
  Report,
  ReportAnswer,
  ReportRequest,
  ReportSection,
  Spans,
  TouchedVhost,
} from './report-view.ts';
import { wasNot } from './report-was-not.ts';
import { ruleBook } from './rule-book.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { indexVhosts } from './vhosts.ts';

/** Acts on a block without requests are looked for so far back. */
const ACTS_MS = 30 * 86_400_000;

/**
 * Makes the report that is asked for, and reads new log lines first. Throws BadInput for a time or a vhost that the address has
 * no incident of; everything else is told by the answer's state.
 */
export async function makeReport(ctx: Context, asked: ReportRequest): Promise<ReportAnswer> {
  const address = normalizeAddress(asked.address);
  if (address === null) throw new BadInput('A report is about one address.', 'address');
  const request = { ...asked, address };
  const story = await storyOf(ctx, request);
  const { record } = story;
  return record === null ? withoutRequests(ctx, request, story) : withRequests(ctx, request, story, record);
}

/** A block that is no matter of the web server, or an address that nothing is known of. */
function withoutRequests(ctx: Context, request: ReportRequest, story: ReportStory): ReportAnswer {
  const { explanation, clock } = story;
  const about = { touched: [], from: null, server: explanation.server };
  const { outcome, headline } = explanation;
  if (outcome !== 'answered') return { ...about, state: outcome, why: headline };
  if (request.kind === 'crs')
    return {
      ...about,
      state: 'refused',
      why: 'No request of this address set off a rule, so there is nothing to report to the CRS project.',
    };
  const site: Site = { vhost: null, account: null, transactions: [], isSole: true };
  const window = { from: clock.now - ACTS_MS, to: clock.now };
  return {
    ...about,
    state: 'made',
    report: customerReport(ctx, request, { story, site, touched: [], window, isPart: false }),
  };
}

async function withRequests(
  ctx: Context,
  request: ReportRequest,
  story: ReportStory,
  record: IncidentRecord,
): Promise<ReportAnswer> {
  const { explanation, clock } = story;
  const hosts = ctx.host.vhosts();
  const vhosts = indexVhosts(hosts, ctx.host.hostname());
  const all = transactionsOf(ctx, record.client, record).filter(({ hits }) => hits.length > 0);
  const touched = touchedBy(all, vhosts, hosts.length > 0);
  const about = { touched: touched.list, from: isoTime(clock.zone, record.from), server: explanation.server };
  const site = chooseSite(all, touched, request.vhost, vhosts);
  if (site === null) return { ...about, state: 'choose' };
  const told = { story, site, touched: touched.list, window: record, isPart: record.requests > all.length };
  if (request.kind === 'customer')
    return { ...about, state: 'made', report: customerReport(ctx, request, told) };
  const one = caseOf(ctx, request, told);
  const book = ruleBook(ctx, site.transactions);
  const parts = await crsReport(ctx, { transactions: site.transactions, verdict: one.verdict, book });
  if ('refused' in parts) return { ...about, state: 'refused', why: parts.refused };
  return {
    ...about,
    state: 'made',
    report: finished(ctx, request, told, { ...headOf(one), kind: 'crs', ...parts }),
  };
}

/** All that a report is made of. */
interface Told {
  readonly story: ReportStory;
  readonly site: Site;
  readonly touched: readonly TouchedVhost[];
  /** Time of the incident; without one the time in which acts are looked for. */
  readonly window: { readonly from: EpochMs; readonly to: EpochMs };
  readonly isPart: boolean;
}

function caseOf(ctx: Context, request: ReportRequest, { story, site, isPart }: Told): ReportCase {
  return reportCase({
    client: shownAddress(request),
    ...{ site, isPart },
    explanation: story.explanation,
    book: ruleBook(ctx, site.transactions),
    isoTime: (at) => isoTime(story.clock.zone, at),
  });
}

type Head = Pick<Report, 'incident' | 'vhost' | 'verdict' | 'masked'>;

function headOf({ client, from, to, vhost, verdict }: ReportCase): Head {
  const incident = from === null || to === null ? null : { ip: client, from, to };
  return { incident, vhost, verdict: verdict?.label ?? null, masked: 0 };
}

function finished(ctx: Context, request: ReportRequest, { site, touched }: Told, report: Report): Report {
  const { vhost, account } = site;
  return netted(report, netKnown(ctx, { request, vhost, account, touched }));
}

function customerReport(ctx: Context, request: ReportRequest, told: Told): Report {
  const { story, site, window } = told;
  const { zone } = story.clock;
  const one = caseOf(ctx, request, told);
  const changes = findChanges(ctx, {
    ...{ client: request.address, vhost: site.vhost, transactions: site.transactions },
    ...window,
  });
  const { rules } = ruleCatalogue(ctx);
  const titleOf = (id: string): string => ruleWords(id, rules.get(id)?.[0]?.vendor ?? null).title;
  const sections = [
    happened(one),
    whyRefused(one, titleOf),
    wasNot(one),
    whatChanged(changes, {
      isoTime: (at) => isoTime(zone, at),
      incidentEnd: one.requests.length === 0 ? null : window.to,
    }),
    whatToChange(one, { isMended: changes.isMended, packages: packagesOf(ctx, one) }),
    howToCheck(one, changes.isMended),
    notKnown(one),
    origin(ctx, request, { now: story.explanation.server.now, site: site.vhost }),
  ].filter((section): section is ReportSection => section !== null);
  return finished(ctx, request, told, {
    ...headOf(one),
    kind: 'customer',
    title: reportTitle(one),
    sections,
  });
}

/** Packages of exceptions that cover refused pages, each once. */
function packagesOf(ctx: Context, { requests }: ReportCase): CasePackage[] {
  const found = new Map(
    requests
      .filter(({ isRefused }) => isRefused)
      .flatMap(({ path }) => packageFor(path ?? '') ?? [])
      .map((one) => [one.name, one]),
  );
  const catalogue = ruleCatalogue(ctx);
  return [...found.values()].map((one) => ({ app: one.app, state: packageState(catalogue, one) }));
}

/** Where the report comes from. This server is named only when asked for. */
function origin(
  { host, version }: Context,
  { nameServer }: ReportRequest,
  { now, site }: { readonly now: IsoTime; readonly site: string | null },
): ReportSection {
  const name = nameServer ? host.hostname() : null;
  const told = site === null ? '' : ' It holds the requests to this site alone.';
  const server: Spans = name === null ? ['the server’s logs'] : ['the logs of ', valueOf(name)];
  return {
    heading: 'About this report',
    blocks: [
      {
        kind: 'text',
        spans: ['Made from ', ...server, ` on ${timeOf(now)} by Whyblocked ${version}.${told}`],
      },
    ],
  };
}
