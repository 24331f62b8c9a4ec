// The file of exclusions that Apache includes in a vhost: the same exclusions give the same bytes. Each form was tried on
// Apache 2.4 with ModSecurity 2.9.7; the ctl stands in the last rule of its chain, since one in the first would act
// although the rest does not match.
import type { EpochMs } from '../model.ts';
import type { Exclusion, ExclusionScope, PathScope } from '../model-rules.ts';
import { scopeWords } from './scope-words.ts';

/** Ids of the rules that we write: the exclusion's number on top of this. */
const ID_BASE = 48_700_000;
/** The range that is ours; other rules with such an id are reported. */
export const OWN_IDS = { from: ID_BASE + 1, to: ID_BASE + 99_999 } as const;
/** TIME_EPOCH is compared as a signed 32-bit number. */
const LAST_SECOND = 2_147_483_647;

/** What is written of an exclusion. */
export type Written = Pick<
  Exclusion,
  'id' | 'scope' | 'form' | 'reason' | 'author' | 'createdAt' | 'expiresAt'
>;

/** The id of the rule that an exclusion is written as. */
export function ownRuleId(id: number): number {
  return ID_BASE + (((id - 1) % 99_999) + 1);
}

/**
 * Renders the file (ASCII). `timeText` gives times as the server shows them, `sha256` the hex checksum of a latin1 text.
 * Without exclusions it holds comments only.
 */
export function renderExclusionFile(
  place: { readonly vhost: string; readonly account: string },
  exclusions: readonly Written[],
  timeText: (at: EpochMs) => string,
  sha256: (text: string) => string,
): string {
  const sorted = [...exclusions].sort((a, b) => a.id - b.id);
  const body =
    sorted.length === 0
      ? [
          '# No exclusion is in force here. The file stays, because Apache’s configuration includes its folder.',
        ]
      : [
          '<IfModule security2_module>',
          ...sorted.flatMap((one) => [...comments(one, timeText), ...directivesOf(one)]),
          '</IfModule>',
        ];
  const text = `${body.map(plain).join('\n')}\n`;
  const head = `# Whyblocked exclusions for ${place.vhost} (account ${place.account}). Written by Whyblocked: a change by hand is shown there and never overwritten.`;
  return `${plain(head)}\n# checksum sha256:${sha256(text)}\n${text}`;
}

function comments(one: Written, timeText: (at: EpochMs) => string): string[] {
  const ends = one.expiresAt === null ? 'Ends when it is taken back.' : `Ends ${timeText(one.expiresAt)}.`;
  const { vhost, ...scope } = one.scope;
  const { id, form, createdAt, expiresAt, author, reason } = one;
  const fields = { id, vhost, ...scope, form, createdAt, expiresAt, author, reason };
  return [
    `# Exclusion ${id}: ${scopeWords(one.scope)}.`,
    `# Reason: ${one.reason}.`,
    `# By ${author}, ${timeText(createdAt)}. ${ends}`,
    `# whyblocked ${escaped(JSON.stringify(fields))}`,
  ];
}

/** JSON in ASCII alone. */
function escaped(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One line of printable ASCII: a backslash at its end would swallow the next line. */
function plain(line: string): string {
  return line
    .replaceAll('’', "'")
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/(?<!\\)\\+\s*$/, '');
}

function directivesOf(one: Written): string[] {
  const { scope } = one;
  if (one.form === 'directive')
    return scope.tag === null
      ? [`SecRuleRemoveById ${scope.ruleId ?? ''}`]
      : [`SecRuleRemoveByTag "${anchored(scope.tag)}"`];
  const conditions = [
    ...(scope.path === null ? [] : [`REQUEST_FILENAME "${pathOperator(scope.path)}"`]),
    ...(one.expiresAt === null
      ? []
      : [`TIME_EPOCH "@lt ${Math.min(Math.ceil(one.expiresAt / 1000), LAST_SECOND)}"`]),
  ];
  const first = `id:${ownRuleId(one.id)},phase:1,t:none,pass,nolog`;
  const ctl = ctlOf(scope);
  if (conditions.length === 0) return [`SecAction "id:${ownRuleId(one.id)},phase:1,pass,nolog,${ctl}"`];
  return conditions.map((condition, index) => {
    const isLast = index === conditions.length - 1;
    const actions = [...(index === 0 ? [first] : ['t:none']), isLast ? ctl : 'chain'];
    return `${index === 0 ? '' : '  '}SecRule ${condition} "${actions.join(',')}"`;
  });
}

function ctlOf(scope: ExclusionScope): string {
  switch (scope.kind) {
    case 'engine-off':
      return 'ctl:ruleEngine=Off';
    case 'tag-vhost':
      return ctlAction(`ruleRemoveByTag=${anchored(scope.tag ?? '')}`);
    case 'rule-path':
    case 'rule-vhost':
      return `ctl:ruleRemoveById=${scope.ruleId ?? ''}`;
    default:
      return ctlAction(`ruleRemoveTargetById=${scope.ruleId ?? ''};${scope.target ?? ''}`);
  }
}

/** Quoted where blanks or bars stand in it. Apache reads a backslash once more, in quotes ModSecurity does too. */
function ctlAction(value: string): string {
  const quoted = /[ |]/.test(value);
  const text = value.replaceAll('\\', quoted ? '\\\\\\\\' : '\\\\').replaceAll('"', '\\"');
  return quoted ? `ctl:'${text.replaceAll("'", "\\'")}'` : `ctl:${text}`;
}

/** Without the anchors a tag would take every longer one with it. */
function anchored(tag: string): string {
  return `^${literal(tag)}$`;
}

/** Signs with a meaning in a regular expression, as classes: no backslash has to survive two readers. */
function literal(text: string): string {
  return text.replace(/[.+*?()[\]{}|$^]/g, (sign) => (sign === '^' ? '\\^' : `[${sign}]`));
}

function pathOperator({ kind, text }: PathScope): string {
  if (kind === 'exact') return `@streq ${text}`;
  if (kind === 'prefix') return `@beginsWith ${text}`;
  return `@rx ^${text.split('{n}').map(literal).join('[0-9a-fA-F-]+')}$`;
}
