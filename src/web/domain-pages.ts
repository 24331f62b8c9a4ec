// The list of domains, the page of one vhost, and the page of one cause on it.
import { holdsWords } from '../actions/filter-words.ts';
import type { DomainView } from '../actions/domain-view.ts';
import { domainLink, pageLink } from './links.ts';
import type { Page, PageTools } from './page.ts';
import { listPage } from './paging.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { causePage } from './view-cause.ts';
import { domainPage } from './view-domain.ts';
import { scoresView } from './view-score-histogram.ts';
import type { LongText } from './view-text.ts';
import { counted, FieldValue, longText, whole } from './view-text.ts';

const BASE = { kind: 'view', status: 200, section: 'domains', find: true } as const;

/** What views/domains.ejs needs. */
interface DomainsPage {
  readonly title: string;
  readonly lead: string;
  readonly filter: FieldValue;
  readonly hasFilter: boolean;
  readonly shown: string;
  readonly rows: readonly {
    readonly vhost: string;
    readonly href: string;
    readonly account: string;
    readonly aliases: LongText;
    readonly rules: string;
    readonly requests: string;
    readonly refused: string;
    readonly visitors: string;
    readonly exclusions: string;
    readonly found: string;
  }[];
  readonly empty: string;
  readonly all: string;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
}

/** The vhosts with their counts: `?p=/domains&text=shop&page=2`. */
export const domains: Page = async ({ engine }, fields) => {
  const view = await engine.exclusions.domains();
  const text = (fields.get('text') ?? '').trim();
  const matching = view.rows.filter((row) => holdsWords([row.vhost, row.account, ...row.aliases], text));
  const list = listPage(matching, fields.get('page'), (page) => pageLink('/domains', { text, page }));
  const page: DomainsPage = {
    title: 'Domains',
    lead: `What ModSecurity\u2019s rules did on each vhost in the last ${counted(view.days, 'day')}, and what is excluded there.`,
    filter: new FieldValue(text),
    hasFilter: text !== '',
    shown: `${whole(matching.length)} of ${counted(view.rows.length, 'vhost')}`,
    rows: list.rows.map((row) => ({
      vhost: row.vhost,
      href: domainLink(row.vhost),
      account: row.account,
      aliases: longText(row.aliases.join(', '), 120),
      rules: whole(row.rules),
      requests: whole(row.requests),
      refused: whole(row.refused),
      visitors: whole(row.visitors),
      exclusions: whole(row.exclusions),
      found: whole(row.found),
    })),
    empty:
      view.rows.length === 0
        ? 'No vhost of this server is known: /etc/userdatadomains names none.'
        : 'No vhost has this in its names or its account.',
    all: pageLink('/domains'),
    newer: list.newer,
    older: list.older,
    pages: list.pages,
  };
  return { ...BASE, view: 'domains', page, server: view.server };
};

async function vhostOf({ engine }: PageTools, name: string): Promise<DomainView> {
  if (name === '') throw new WebProblem(400, 'The link names no domain.');
  let view: DomainView | null;
  try {
    view = await engine.exclusions.domain(name);
  } catch (error) {
    throw spokenProblem(error);
  }
  if (view === null)
    throw new WebProblem(
      404,
      `${name.slice(0, 253)} is no domain of this server. The page Domains lists all vhosts with their names.`,
    );
  return view;
}

/** One vhost: `?p=/domain&vhost=shop.example.com&rule=942100&page=2`, by any of its domains. */
export const domain: Page = async (tools, fields) => {
  const view = await vhostOf(tools, (fields.get('vhost') ?? '').trim());
  const rule = fields.get('rule');
  const scores = rule === null ? await tools.engine.exclusions.histogram(view.vhost) : null;
  const page = domainPage(view, { rule, page: fields.get('page'), scores: scores && scoresView(scores) });
  return { ...BASE, view: 'domain', page, server: view.server };
};

/** One cause: `?p=/cause&vhost=shop.example.com&rule=942100&target=ARGS:q&path=/search`. */
export const cause: Page = async (tools, fields) => {
  const view = await vhostOf(tools, (fields.get('vhost') ?? '').trim());
  const wanted = {
    ruleId: fields.get('rule') ?? '',
    target: fields.get('target'),
    path: fields.get('path'),
  };
  const page = causePage(view, wanted);
  if (page === null)
    throw new WebProblem(
      404,
      `This cause is not on ${view.vhost} in the last ${counted(view.days, 'day')}: the rule did not react there to that target on that path.`,
    );
  return { ...BASE, view: 'cause', page, server: view.server };
};
