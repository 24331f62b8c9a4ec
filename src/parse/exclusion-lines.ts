// Lines of an Apache configuration file that switch something of ModSecurity off, whoever wrote them.
// Grammar and names: the ModSecurity 2.9 reference. What has an effect where: analyse/exclusion-reach.ts.
import type { RuleInfo } from '../model-rules.ts';
import type { Directive, Section } from './apache-directives.ts';
import { directives } from './apache-directives.ts';
import { readRuleFile } from './crs-rule.ts';
import { readActions } from './rule-actions.ts';
import type { IdRange } from './rule-id-list.ts';
import { namesMarkers, readIdList } from './rule-id-list.ts';
import { decodeBytes } from './text.ts';

/** What a line names rules by. */
export interface RulesNamed {
  readonly by: 'id' | 'tag' | 'message';
  readonly ranges: readonly IdRange[];
  /** The regular expression of a tag or message, as written; null with ids. */
  readonly pattern: string | null;
  /** Words of an id list that name no rule, or not as they read: `abc`, `942100x`, `942100 942200` in one word. */
  readonly odd: readonly string[];
  /** True when SecRuleRemoveById names id 0, which are the markers: then nothing is refused any more. */
  readonly markers: boolean;
}

/** A rule whose actions switch something off. */
export interface ActingRule {
  /** Null when its phase is not one that exists. */
  readonly phase: number | null;
  /** What must match, e.g. `REQUEST_URI @beginsWith /shop/`; empty for SecAction. */
  readonly conditions: readonly string[];
  /** True when it does nothing else than what its lines say. */
  readonly plain: boolean;
}

/**
 * - `rules`: rules leave; `targets`: rules skip targets; `actions`: rules lose their blocking action;
 * - `engine`: SecRuleEngine (also `On`, which ends an earlier `Off`); `body`: request bodies are not read;
 * - `inheritance`: all rules of the server leave; `allow`: the request passes unseen; `setting`: a limit is set.
 */
export type SwitchKind =
  'rules' | 'targets' | 'actions' | 'engine' | 'body' | 'inheritance' | 'allow' | 'setting';

/** One thing that a directive switches off; a directive that does several gives several with the same `spans`. */
export interface ExclusionLine {
  readonly kind: SwitchKind;
  /** The lines it stands on, first and last; more than one pair for a chain. */
  readonly spans: readonly { readonly first: number; readonly last: number }[];
  /** The directive as written, continued lines joined, at most 500 characters. */
  readonly text: string;
  /** Containers around it, outermost first. */
  readonly sections: readonly Section[];
  readonly rules: RulesNamed | null;
  /** Targets left out, without the `!`, e.g. `ARGS:id`. */
  readonly targets: readonly string[];
  /** `Off`, `DetectionOnly`, `On`, a setting such as `tx.inbound_anomaly_score_threshold=10`; null without any. */
  readonly value: string | null;
  /** Set for SecRule and SecAction, null for a directive of its own. */
  readonly rule: ActingRule | null;
}

const MOST_TEXT = 500;
const MOST_LINES = 20_000;

/** Reads one file (latin1). Lines that switch nothing off are passed over. Never throws; linear in the text. */
export function exclusionLines(text: string): ExclusionLine[] {
  if (!/sec(?:rule|action|request)/i.test(text)) return [];
  const found: ExclusionLine[] = [];
  const byLine = new Map<number, Directive>();
  for (const directive of directives(text)) {
    byLine.set(directive.line, directive);
    found.push(...ofDirective(directive));
  }
  const rules = /sec(?:rule|action)[\s"'\\]/i.test(text) ? readRuleFile(text, '').rules : [];
  for (const rule of rules) found.push(...ofRule(rule, byLine));
  return found.sort((a, b) => (a.spans[0]?.first ?? 0) - (b.spans[0]?.first ?? 0)).slice(0, MOST_LINES);
}

type Switch = Pick<ExclusionLine, 'kind'> & Partial<Pick<ExclusionLine, 'rules' | 'targets' | 'value'>>;

function placed(one: Switch, standing: readonly Directive[], rule: ActingRule | null): ExclusionLine {
  const text = decodeBytes(standing.map((directive) => directive.text.slice(0, MOST_TEXT)).join(' '));
  return {
    rules: null,
    targets: [],
    value: null,
    ...one,
    spans: standing.map(({ firstLine, line }) => ({ first: firstLine, last: line })),
    text: text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text,
    sections: standing[0]?.sections ?? [],
    rule,
  };
}

function ofDirective(directive: Directive): ExclusionLine[] {
  const read = DIRECTIVES.get(directive.name.toLowerCase());
  if (read === undefined) return [];
  return read(directive.words.map(decodeBytes)).map((one) => placed(one, [directive], null));
}

type Reader = (words: readonly string[]) => Switch[];

/** Lower-case names of directives with what their words (decoded) say. */
const DIRECTIVES: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'secruleremovebyid',
    (words) => [{ kind: 'rules', rules: { ...byIds(words), markers: words.some(namesMarkers) } }],
  ],
  ['secruleremovebytag', (words) => words.map((word) => ({ kind: 'rules', rules: byPattern('tag', word) }))],
  [
    'secruleremovebymsg',
    (words) => words.map((word) => ({ kind: 'rules', rules: byPattern('message', word) })),
  ],
  ['secruleupdatetargetbyid', ([ids = '', list = '']) => fewerTargets(byIds([ids]), list)],
  ['secruleupdatetargetbytag', ([tag = '', list = '']) => fewerTargets(byPattern('tag', tag), list)],
  ['secruleupdatetargetbymsg', ([text = '', list = '']) => fewerTargets(byPattern('message', text), list)],
  ['secruleupdateactionbyid', ([ids = '', actions = '']) => fewerActions(ids, actions)],
  ['secruleengine', ([mode = '']) => engineSwitch(mode)],
  ['secrequestbodyaccess', ([mode = '']) => (isOff(mode) ? [{ kind: 'body', value: 'Off' }] : [])],
  ['secruleinheritance', ([mode = '']) => (isOff(mode) ? [{ kind: 'inheritance', value: 'Off' }] : [])],
]);

const CLEAN_IDS = /^\s*\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*\s*$/;

function byIds(words: readonly string[]): RulesNamed {
  const read = words.map((word) => ({ word, ranges: readIdList(word) }));
  return {
    by: 'id',
    ranges: read.flatMap(({ ranges }) => ranges),
    pattern: null,
    odd: read
      .filter(({ word, ranges }) => ranges.length === 0 || !CLEAN_IDS.test(word))
      .map(({ word }) => word),
    markers: false,
  };
}

function byPattern(by: 'tag' | 'message', pattern: string): RulesNamed {
  return { by, ranges: [], pattern, odd: [], markers: false };
}

/** Only targets with `!` are left out; others are added. */
function fewerTargets(rules: RulesNamed, list: string): Switch[] {
  const targets = list
    .split(/[|,]/)
    .map((target) => target.trim())
    .filter((target) => target.startsWith('!'))
    .map((target) => target.slice(1));
  return targets.length === 0 ? [] : [{ kind: 'targets', rules, targets }];
}

/** The id may name a rule of the chain after a colon. */
function fewerActions(ids: string, actions: string): Switch[] {
  const { disruptive } = readActions(actions);
  const lets = disruptive === 'pass' || disruptive === 'allow';
  return lets ? [{ kind: 'actions', rules: byIds([ids.replace(/:[^]*$/, '')]), value: disruptive }] : [];
}

const MODES: Readonly<Record<string, string>> = { off: 'Off', detectiononly: 'DetectionOnly', on: 'On' };

function engineSwitch(mode: string): Switch[] {
  const value = MODES[mode.toLowerCase()];
  return value === undefined ? [] : [{ kind: 'engine', value }];
}

function isOff(mode: string): boolean {
  return mode.toLowerCase() === 'off';
}

/** The settings that decide how many points refuse a request, and which rules run. */
const SETTING =
  /^tx[.:](?:(?:in|out)bound_anomaly_score_threshold|(?:blocking_|executing_|detection_)?paranoia_level)=/i;

function ofRule(rule: RuleInfo, byLine: ReadonlyMap<number, Directive>): ExclusionLine[] {
  const parts = [rule, ...rule.chain];
  const standing = parts.flatMap(({ line }) => byLine.get(line) ?? []);
  const conditions = parts.map(({ targets, operator }) => `${targets.join('|')} ${operator}`.trim());
  const acts = parts.map(({ ctl, setvars }, index) => ({
    switches: [...ctl.flatMap(ofCtl), ...setvars.flatMap(ofSetvar)],
    all: ctl.length + setvars.length,
    /** A rule of a chain acts when it and those before it match. */
    conditions: conditions.slice(0, index + 1).filter((text) => text !== ''),
  }));
  const lets = rule.disruptive === 'allow';
  const plain =
    !rule.skips &&
    (rule.disruptive === null || rule.disruptive === 'pass' || lets) &&
    acts.every(({ switches, all }) => switches.length === all);
  const found = acts.flatMap(({ switches, conditions: needed }) =>
    switches.map((one) => placed(one, standing, { phase: rule.phase, conditions: needed, plain })),
  );
  if (!lets) return found;
  const all = conditions.filter((text) => text !== '');
  return [...found, placed({ kind: 'allow' }, standing, { phase: rule.phase, conditions: all, plain })];
}

function ofSetvar(setvar: string): Switch[] {
  return SETTING.test(setvar) ? [{ kind: 'setting', value: setvar }] : [];
}

/** `ctl` of a rule; names are not case-sensitive. */
function ofCtl(ctl: string): Switch[] {
  const [name, value] = cutAt(ctl, '=');
  const [named, list] = cutAt(value, ';');
  const targets = list.split(',').filter((target) => target !== '');
  switch (name.toLowerCase()) {
    case 'ruleremovebyid':
      return [{ kind: 'rules', rules: byIds([value]) }];
    case 'ruleremovebytag':
      return [{ kind: 'rules', rules: byPattern('tag', value) }];
    case 'ruleremovebymsg':
      return [{ kind: 'rules', rules: byPattern('message', value) }];
    case 'ruleremovetargetbyid':
      return [{ kind: 'targets', rules: byIds([named]), targets }];
    case 'ruleremovetargetbytag':
      return [{ kind: 'targets', rules: byPattern('tag', named), targets }];
    case 'ruleremovetargetbymsg':
      return [{ kind: 'targets', rules: byPattern('message', named), targets }];
    case 'ruleengine':
      return engineSwitch(value).filter((one) => one.value !== 'On');
    case 'requestbodyaccess':
      return isOff(value) ? [{ kind: 'body', value: 'Off' }] : [];
    default:
      return [];
  }
}

function cutAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
