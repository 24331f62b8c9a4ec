// Whether a rule can be told to skip a target on one vhost. Apache's own test lets every form pass; what is said here was
// tried on Apache 2.4 with ModSecurity 2.9.7: names are compared whole and without regard to case, and only with the
// variables of the first rule of a chain.
import type { ExclusionScope, RuleInfo } from '../model-rules.ts';
import type { Check } from './exclusion-lint.ts';

const LONGEST = 300;
/** Variables that exist only while rules run. */
const INNER = /^(?:MATCHED_VARS?(?:_NAMES?)?|TX|RULE|ENV|DURATION)$/;
/** Collections that a selector chooses from. */
const COLLECTION =
  /^(?:ARGS(?:_(?:GET|POST))?(?:_NAMES)?|REQUEST_(?:COOKIES|HEADERS)(?:_NAMES)?|RESPONSE_HEADERS(?:_NAMES)?|FILES(?:_(?:NAMES|SIZES|TMP_CONTENT))?|MULTIPART_PART_HEADERS|XML)$/;

/** Variables without members. */
const SINGLE =
  /^(?:REQUEST_(?:URI|URI_RAW|FILENAME|BASENAME|LINE|METHOD|PROTOCOL|BODY|BODY_LENGTH)|QUERY_STRING|PATH_INFO|FULL_REQUEST|REMOTE_(?:ADDR|HOST|PORT|USER)|(?:ARGS|FILES)_COMBINED_SIZE|RESPONSE_(?:BODY|STATUS|PROTOCOL|CONTENT_TYPE))$/;

function refuse(code: string, text: string): Check {
  return { level: 'refuse', code, text };
}

/** What is wrong with a target by its own form; null when it can be written. */
function formProblem(target: string): Check | null {
  const [collection, name] = partsOf(target);
  if (target.startsWith('&') || target.startsWith('!'))
    return refuse('count', `${target} is no target of its own: name the collection or one member.`);
  if (collection === 'XML' && name !== null)
    return refuse('xml-path', 'ModSecurity passes over XML:… in silence. Write XML, for the whole document.');
  if (INNER.test(collection))
    return refuse(
      'inner-variable',
      `${collection} only exists while rules run: an exclusion cannot name it. Exclude the variable that the rule looks at first, or the rule on the path.`,
    );
  if (name !== null && SINGLE.test(collection))
    return refuse(
      'no-members',
      `${collection} is one value without members: ModSecurity passes over ${target} in silence. Write ${collection}.`,
    );
  return name === null ? null : nameProblem(collection, name);
}

function nameProblem(collection: string, name: string): Check | null {
  if (name.startsWith('/') || name === '*')
    return refuse(
      'regex-target',
      `ModSecurity 2.9 takes ${name} for a literal name and passes over it in silence. Name one member, or the whole collection ${collection}.`,
    );
  if (name.includes('{n}'))
    return refuse(
      'many-names',
      `${name} stands for many names that differ in a number: ModSecurity compares names whole. Take one name, the whole collection ${collection}, or the rule on the path.`,
    );
  if (/[,;]/.test(name))
    return refuse(
      'unwritable-name',
      `There is no form in which a name with a comma or a semicolon works. Take the whole collection ${collection}, or the rule on the path.`,
    );
  if (/[^\x20-\x7e]/.test(name) || /^ | $|\\$/.test(name) || name.length > LONGEST)
    return refuse(
      'unwritable-name',
      'This name holds characters that cannot be written here (beyond ASCII, control characters, blanks at its ends), or is over 300 characters. Take the whole collection, or the rule on the path.',
    );
  if (name.includes('${'))
    return refuse(
      'expansion',
      'Apache would expand ${…} in this name. Take the whole collection, or the rule on the path.',
    );
  return null;
}

/** Collection in capitals and name; no name for a whole variable. */
export function partsOf(target: string): readonly [string, string | null] {
  const colon = target.indexOf(':');
  return colon < 0
    ? [target.toUpperCase(), null]
    : [target.slice(0, colon).toUpperCase(), target.slice(colon + 1)];
}

/** Whether an exclusion of `target` takes in at least one variable that these targets name. */
export function isNamed(targets: readonly string[], target: string): boolean {
  const [collection, name] = partsOf(target);
  return targets.some((text) => {
    if (text.startsWith('!') || text.startsWith('&')) return false;
    const [own, member] = partsOf(text);
    if (own !== collection) return false;
    if (name === null || member === null) return true;
    return /^'?\//.test(member) || member.replaceAll("'", '').toLowerCase() === name.toLowerCase();
  });
}

/** Checks a target against the definitions of its rule. */
export function checkTarget(scope: ExclusionScope, rules: readonly RuleInfo[]): Check[] {
  const { ruleId, target } = scope;
  if (target === null || ruleId === null || rules.length === 0) return [];
  const broken = formProblem(target);
  if (broken !== null) return [broken];
  const [collection, name] = partsOf(target);
  const unnamed = rules.filter((rule) => !isNamed(rule.targets, target));
  if (unnamed.length > 0) return [notNamed(scope, unnamed[0])];
  const skipped = rules.every((rule) =>
    rule.targets.some((text) => text.toLowerCase() === `!${target.toLowerCase()}`),
  );
  const checks: Check[] = [{ level: 'ok', code: 'collection', text: `Rule ${ruleId} names ${collection}.` }];
  if (skipped)
    checks.push({
      level: 'warn',
      code: 'already-skipped',
      text: `Rule ${ruleId} skips ${target} by itself already.`,
    });
  if (name === null && COLLECTION.test(collection))
    checks.push({
      level: 'warn',
      code: 'whole-collection',
      text: `Rule ${ruleId} would skip all of ${collection}, whatever the name. Name one member if the log shows one.`,
    });
  return checks;
}

function notNamed({ ruleId, target }: ExclusionScope, rule: RuleInfo | undefined): Check {
  const named = (rule?.targets ?? []).filter((text) => !text.startsWith('!')).slice(0, 8);
  const inChain = rule?.chain.some(({ targets }) => isNamed(targets, target ?? '')) === true;
  if (inChain)
    return {
      level: 'refuse',
      code: 'chained-target',
      text: `Rule ${ruleId ?? ''} is a chain, and ${target ?? ''} is looked at in a later part of it: an exclusion reaches only what the first part names (${named.join(', ')}). Exclude one of these, or the rule on the path.`,
    };
  return {
    level: 'refuse',
    code: 'collection',
    text: `Rule ${ruleId ?? ''} does not name ${partsOf(target ?? '')[0]}, so the exclusion would do nothing. It names ${named.join(', ') || 'nothing'}.`,
  };
}
