// Reads what forms and the command line say of a scope: strict, each refusal one sentence.
import { readPath } from '../analyse/path-scope.ts';
import type { Vhost } from '../model.ts';
import type { ExclusionScope, PathScope, ScopeKind } from '../model-rules.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import type { ScopeFields } from './exclusion-view.ts';

const LONGEST_PATH = 1024;
const LONGEST_TARGET = 300;
const COLLECTION = /^[A-Z][A-Z_0-9]{1,39}$/;
/** What Apache and ModSecurity would expand, or what ends a quoted argument. */
const PATH = /^\/[\x21-\x7e]*$/;
const PATH_FORBIDDEN = /["'\\?#]|%\{|\$\{/;
const TAG = /^[\w./:+ -]{1,200}$/;

/** A domain's vhost with its account, whichever of the vhost's names is given. Throws BadInput. */
export function vhostNamed(ctx: Pick<Context, 'host'>, name: string): Pick<Vhost, 'vhost' | 'account'> {
  const wanted = name.trim().toLowerCase().replace(/\.$/, '');
  if (wanted === '') throw new BadInput('Name the vhost: a domain of this server.', 'vhost');
  const all = ctx.host.vhosts();
  const find = (domain: string): Vhost | undefined => all.find((one) => one.domain === domain);
  const found =
    find(wanted) ?? all.find((one) => one.vhost === wanted) ?? find(wanted.replace(/^(?:www|mail)\./, ''));
  const owner = found ?? all.find((one) => ctx.host.aliases(one.vhost).includes(wanted));
  if (owner === undefined)
    throw new BadInput(
      `${wanted.slice(0, 253)} is no domain of this server (see /etc/userdatadomains). Name one that is.`,
      'vhost',
    );
  return { vhost: owner.vhost, account: owner.account };
}

/** The scope that fields stand for, with the vhost by its servername. Throws BadInput with the field's name. */
export function readScope(ctx: Pick<Context, 'host'>, fields: ScopeFields): ExclusionScope {
  const { vhost } = vhostNamed(ctx, fields.vhost);
  const { kind } = fields;
  const needs = NEEDS[kind];
  return {
    kind,
    vhost,
    ruleId: needs.rule ? readRule(fields.ruleId) : null,
    tag: needs.tag ? readTag(fields.tag) : null,
    target: needs.target ? readTarget(fields.target) : null,
    path: needs.path ? readPathField(fields.path) : null,
  };
}

interface Needs {
  readonly rule: boolean;
  readonly tag: boolean;
  readonly target: boolean;
  readonly path: boolean;
}

const NOTHING: Needs = { rule: false, tag: false, target: false, path: false };
const NEEDS: Readonly<Record<ScopeKind, Needs>> = {
  'target-path': { ...NOTHING, rule: true, target: true, path: true },
  'target-vhost': { ...NOTHING, rule: true, target: true },
  'rule-path': { ...NOTHING, rule: true, path: true },
  'rule-vhost': { ...NOTHING, rule: true },
  'tag-vhost': { ...NOTHING, tag: true },
  'engine-off': NOTHING,
};

/** The kind that the given parts make: the narrowest they name. */
export function kindOf(parts: Omit<ScopeFields, 'kind' | 'vhost'>): ScopeKind {
  if (parts.tag !== null) return 'tag-vhost';
  if (parts.target !== null) return parts.path === null ? 'target-vhost' : 'target-path';
  return parts.path === null ? 'rule-vhost' : 'rule-path';
}

function readRule(text: string | null): string {
  if (text !== null && /^[1-9]\d{0,9}$/.test(text.trim())) return text.trim();
  throw new BadInput('Name the rule by its id, digits only, e.g. 942100.', 'rule');
}

function readTag(text: string | null): string {
  if (text !== null && TAG.test(text)) return text;
  throw new BadInput(
    'Name the tag as the rule has it, e.g. attack-sqli (letters, digits, blanks and . / : + -).',
    'tag',
  );
}

function readTarget(text: string | null): string {
  const [, collection = '', name] = /^([^:]*)(?::([^]*))?$/.exec(text?.trim() ?? '') ?? [];
  const upper = collection.toUpperCase();
  if (!COLLECTION.test(upper) || (text ?? '').length > LONGEST_TARGET)
    throw new BadInput(
      'Name the target as the log does: a collection, or a collection and a name, e.g. ARGS:comment, REQUEST_COOKIES:consent (at most 300 characters).',
      'target',
    );
  return name === undefined ? upper : `${upper}:${name}`;
}

function readPathField(text: string | null): PathScope {
  const path = text?.trim() ?? '';
  const scope = readPath(path);
  const literal = scope?.text.replaceAll('{n}', '') ?? '';
  const isSound = PATH.test(path) && !PATH_FORBIDDEN.test(path) && !/[*{}]/.test(literal);
  if (scope === null || !isSound || path.length > LONGEST_PATH)
    throw new BadInput(
      'Name the path as the browser sends it, from / on and without query: /cart/ for this one, /cart/* with all below it, or /post/{n}/edit with numbers (printable ASCII without quotes, backslash, %{ and ${; at most 1,024 characters).',
      'path',
    );
  return scope;
}
