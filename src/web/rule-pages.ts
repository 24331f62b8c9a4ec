// The list of rules, and the page of one.
import type { RuleRow } from '../actions/domain-view.ts';
import { pageLink, ruleLink } from './links.ts';
import type { Page } from './page.ts';
import { listPage } from './paging.ts';
import { isBadInput, WebProblem } from './problems.ts';
import { ruleFacts } from './view-rule-facts.ts';
import { rulePage } from './view-rule.ts';
import { baseName, counted, FieldValue, whole } from './view-text.ts';

const BASE = { kind: 'view', section: 'rules', find: true } as const;

/** What views/rules.ejs needs. */
interface RulesPage {
  readonly title: string;
  readonly text: FieldValue;
  readonly vhost: FieldValue;
  readonly error: string;
  readonly isFiltered: boolean;
  readonly shown: string;
  readonly rows: readonly {
    readonly id: string;
    readonly href: string;
    readonly title: string;
    readonly message: string;
    readonly facts: string;
    readonly state: string;
    readonly place: string;
    readonly vendor: string;
    readonly requests: string;
    readonly visitors: string;
    readonly vhosts: string;
  }[];
  readonly all: string;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
}

function rowView(row: RuleRow): RulesPage['rows'][number] {
  return {
    id: row.id,
    href: ruleLink(row.id),
    title: row.title,
    message: row.message ?? '',
    facts: ruleFacts(row),
    state: row.disabled ? 'switched off on the whole server' : '',
    place: `${baseName(row.file)}:${row.line}`,
    vendor: row.vendor ?? '',
    requests: whole(row.requests),
    visitors: whole(row.visitors),
    vhosts: whole(row.vhosts),
  };
}

/** The rules, most requests first: `?p=/rules&text=sqli&vhost=shop.example.com&page=2`. */
export const rules: Page = async ({ engine }, fields) => {
  const text = (fields.get('text') ?? '').trim();
  const vhost = (fields.get('vhost') ?? '').trim();
  let all: readonly RuleRow[] = [];
  let error = '';
  try {
    all = await engine.exclusions.rules({
      vhost: vhost === '' ? null : vhost,
      text: text === '' ? null : text,
    });
  } catch (problem) {
    if (!isBadInput(problem)) throw problem;
    error = problem.message;
  }
  const list = listPage(all, fields.get('page'), (page) => pageLink('/rules', { text, vhost, page }));
  const page: RulesPage = {
    title: 'Rules',
    text: new FieldValue(text),
    vhost: new FieldValue(vhost),
    error,
    isFiltered: text !== '' || vhost !== '',
    shown: counted(all.length, 'rule'),
    rows: list.rows.map(rowView),
    all: pageLink('/rules'),
    newer: list.newer,
    older: list.older,
    pages: list.pages,
  };
  return { ...BASE, status: error === '' ? 200 : 400, view: 'rules', page, server: null };
};

/** One rule: `?p=/rule&id=942100`. */
export const rule: Page = async ({ engine }, fields) => {
  const id = (fields.get('id') ?? '').trim();
  if (!/^\d{1,10}$/.test(id)) throw new WebProblem(400, 'The link names no rule: a rule id is a number.');
  const view = await engine.exclusions.rule(id);
  if (view === null)
    throw new WebProblem(404, `Rule ${id} is neither installed here nor in any log that is kept.`);
  return { ...BASE, status: 200, view: 'rule', page: rulePage(view), server: view.server };
};
