// ModSecurity rule files: which rules stand where, what they look at and what they do.
// Grammar: the ModSecurity 2.9 reference; of directives and quoting: apache-directives.ts.
import type { ChainedRule, RuleInfo } from '../model-rules.ts';
import { type Directive, directives } from './apache-directives.ts';
import { type RuleActions, readActions } from './rule-actions.ts';
import { decodeBytes } from './text.ts';

/** One file of ModSecurity's configuration, taken apart. */
export interface RuleFileParts {
  /** The server's own path. */
  readonly path: string;
  readonly rules: readonly RuleInfo[];
  readonly markers: readonly { readonly name: string; readonly line: number }[];
  /** Everything else: what is included, what is removed, settings. */
  readonly others: readonly Directive[];
}

/** The rules of one file alone; see `readRuleFile`. */
export function parseRuleFile(text: string, path: string): readonly RuleInfo[] {
  return readRuleFile(text, path).rules;
}

/**
 * Takes one file (latin1) apart; only rules with an id are given. `path` is the file as the server sees it.
 * `line` is the last line of the directive, which is what ModSecurity 2.9 logs as `[line "…"]`, of a chain that of
 * its first rule: a hit names that one. Chained rules carry no id and stand in the `chain` of their first rule; a
 * marker, a rule with an id of its own or the end of the file breaks a chain, and what it has is kept. Directives
 * that cannot be read are skipped. Never throws; linear in the text.
 */
export function readRuleFile(text: string, path: string): RuleFileParts {
  const rules: RuleInfo[] = [];
  const markers: { name: string; line: number }[] = [];
  const others: Directive[] = [];
  let chain: ChainedRule[] | null = null;
  for (const directive of directives(text)) {
    const kind = KINDS.get(directive.name.toLowerCase());
    if (kind === undefined) {
      others.push(directive);
      continue;
    }
    if (kind === 'marker') {
      markers.push({ name: decodeBytes(directive.words[0] ?? ''), line: directive.line });
      chain = null;
      continue;
    }
    const read = readParts(directive, kind);
    if (read === null) continue;
    const { targets, operator, said, chains } = read;
    const hasId = /^\d{1,18}$/.test(said.id);
    if (chain !== null && !hasId) chain.push(chained(read, directive.line));
    else {
      chain = [];
      const paranoiaLevel = levelOf(said.tags);
      const place = { file: path, line: directive.line };
      if (hasId) rules.push({ ...said, ...place, kind, targets, operator, paranoiaLevel, chain });
    }
    if (!chains) chain = null;
  }
  return { path, rules, markers, others };
}

const KINDS: ReadonlyMap<string, RuleInfo['kind'] | 'marker'> = new Map<string, RuleInfo['kind'] | 'marker'>([
  ['secrule', 'rule'],
  ['secaction', 'action'],
  ['secmarker', 'marker'],
]);

interface Parts {
  readonly targets: readonly string[];
  readonly operator: string;
  readonly said: Omit<RuleActions, 'chains'>;
  readonly chains: boolean;
}

/** Null for a directive without its words: a rule that ends a chain may go without actions. */
function readParts({ words }: Directive, kind: RuleInfo['kind']): Parts | null {
  const [first, second, third = ''] = words;
  if (first === undefined || (kind === 'rule' && second === undefined)) return null;
  const { chains, ...said } = readActions(kind === 'action' ? first : third);
  if (kind === 'action') return { targets: [], operator: '', said, chains };
  return { targets: splitTargets(first), operator: operatorOf(second ?? ''), said, chains };
}

function chained({ targets, operator, said }: Parts, line: number): ChainedRule {
  return { line, targets, operator, ctl: said.ctl, setvars: said.setvars };
}

/** Without a name an operator is `@rx`, also after `!`. */
function operatorOf(text: string): string {
  const operator = decodeBytes(text.trim());
  if (/^!?@/.test(operator)) return operator;
  return operator.startsWith('!') ? `!@rx ${operator.slice(1)}` : `@rx ${operator}`;
}

function levelOf(tags: readonly string[]): number | null {
  for (const tag of tags) {
    const level = /^paranoia-level\/([1-4])$/.exec(tag)?.[1];
    if (level !== undefined) return Number(level);
  }
  return null;
}

/**
 * Targets split at `|`, a comma or a blank, which may also stand inside a selector's quotes or slashes
 * (`ARGS:/a|b/`).
 */
function splitTargets(text: string): string[] {
  const target = /[^|:,\s]+(?::(?:'?\/(?:[^/\\]|\\.)*\/'?(?=[|,\s]|$)|'[^']*'|[^|,\s]*))?/gs;
  return Array.from(text.matchAll(target), ([whole]) => decodeBytes(whole));
}
