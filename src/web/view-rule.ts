// The page of one rule: what it looks for, where it is defined, where it fires, where it is excluded, what else looks.
import type { RuleSummary, RuleView } from '../actions/domain-view.ts';
import { domainLink, exclusionLink, pageLink, proposeLink, ruleLink } from './links.ts';
import type { SettingView } from './view-rule-facts.ts';
import { ruleFacts, settingView } from './view-rule-facts.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';

/** Vhosts where it fires that are listed. */
const MOST_VHOSTS = 200;

interface Fact {
  readonly name: string;
  readonly values: readonly LongText[];
}

interface DefinitionView {
  readonly place: string;
  readonly about: string;
  readonly tone: 'ok' | 'warn' | 'off';
  readonly state: string;
  readonly facts: readonly Fact[];
}

/** What views/rule.ejs needs. */
export interface RulePage {
  readonly title: string;
  readonly id: string;
  readonly name: string;
  readonly facts: string;
  readonly message: string;
  readonly words: string;
  readonly onlyAddsUp: boolean;
  readonly definitions: readonly DefinitionView[];
  readonly firesTitle: string;
  readonly fires: readonly {
    readonly vhost: string;
    readonly href: string | null;
    readonly requests: string;
    readonly visitors: string;
    readonly exclude: string | null;
  }[];
  readonly moreFires: string;
  readonly excluded: readonly {
    readonly where: string;
    readonly words: string;
    readonly href: string | null;
  }[];
  readonly covers: readonly {
    readonly target: string;
    readonly rules: readonly { readonly href: string; readonly text: string; readonly title: string }[];
    readonly more: string;
  }[];
  readonly settings: readonly SettingView[];
  readonly requestsHref: string;
  readonly causesHref: string;
}

type Definition = RuleView['definitions'][number];

function fact(name: string, values: readonly string[], limit = 400): readonly Fact[] {
  const own = values.filter((value) => value !== '');
  return own.length === 0 ? [] : [{ name, values: own.map((value) => longText(value, limit)) }];
}

function stateOf({ active, disabledBy }: Definition): Pick<DefinitionView, 'tone' | 'state'> {
  if (disabledBy !== null) return { tone: 'warn', state: `not in force: ${disabledBy}` };
  if (active === null) return { tone: 'off', state: 'not known whether it is loaded' };
  return active ? { tone: 'ok', state: 'loaded' } : { tone: 'off', state: 'not loaded' };
}

function definitionView(one: Definition): DefinitionView {
  const about = [
    one.vendor,
    one.version,
    one.phase === null ? null : `phase ${one.phase}`,
    one.disruptive,
  ].filter((text) => text !== null);
  return {
    place: `${one.file}:${one.line}`,
    about: about.join(' \u00b7 '),
    ...stateOf(one),
    facts: [
      ...fact('Looks at', [one.targets.join(' | ')]),
      ...fact('For', [one.operator]),
      ...one.chained.flatMap(({ targets, operator }) =>
        fact('And then', [`${targets.join(' | ')} ${operator}`]),
      ),
      ...fact('Tags', [one.tags.join(', ')]),
      ...fact('Changes', one.ctl),
      ...fact('Sets', one.setvars),
    ],
  };
}

function ruleName(rule: RuleSummary): { href: string; text: string; title: string } {
  return { href: ruleLink(rule.id), text: rule.id, title: rule.title };
}

/** Names that visitors made up are counted together, under words instead of a name. */
function isName(vhost: string): boolean {
  return !vhost.includes(' ');
}

/** The page of a rule. */
export function rulePage(view: RuleView): RulePage {
  const { id, fires } = view;
  return {
    title: `Rule ${id}`,
    id,
    name: view.title,
    facts: ruleFacts(view),
    message: view.message ?? '',
    words: view.words,
    onlyAddsUp: view.onlyAddsUp,
    definitions: view.definitions.map(definitionView),
    firesTitle: `Where it fires: ${counted(fires.length, 'vhost')}`,
    fires: fires.slice(0, MOST_VHOSTS).map(({ vhost, requests, visitors }) => ({
      vhost,
      href: isName(vhost) ? pageLink('/domain', { vhost, rule: id }) : null,
      requests: whole(requests),
      visitors: whole(visitors),
      exclude: view.onlyAddsUp || !isName(vhost) ? null : proposeLink({ vhost, ruleId: id }),
    })),
    moreFires:
      fires.length > MOST_VHOSTS
        ? `${counted(fires.length - MOST_VHOSTS, 'more vhost')} not listed here.`
        : '',
    excluded: view.excluded.map(({ vhost, words, id: own }) => ({
      where: vhost ?? 'whole server',
      words,
      href: own === null ? (vhost === null ? null : domainLink(vhost)) : exclusionLink(own),
    })),
    covers: view.covers.map(({ target, rules, more }) => ({
      target,
      rules: rules.map(ruleName),
      more: more === 0 ? '' : `and ${whole(more)} more`,
    })),
    settings: view.settings.map(settingView),
    requestsHref: pageLink('/explain', { q: id }),
    causesHref: pageLink('/causes', { rule: id }),
  };
}
