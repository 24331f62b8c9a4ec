// A scope as an address or a form carries it: `kind`, `vhost`, `rule`, `target`, `path`, `tag`; and errors at those fields.
import { kindOf } from '../actions/scope-request.ts';
import type { ScopeFields } from '../actions/exclusion-view.ts';
import type { ScopeKind } from '../model-rules.ts';
import type { LinkParams } from './links.ts';

const KINDS: readonly ScopeKind[] = [
  'target-path',
  'target-vhost',
  'rule-path',
  'rule-vhost',
  'tag-vhost',
  'engine-off',
];

/** What each width is called. */
export const KIND_NAMES: Readonly<Record<ScopeKind, string>> = {
  'target-path': 'target on a path',
  'target-vhost': 'target on the vhost',
  'rule-path': 'rule on a path',
  'rule-vhost': 'rule on the vhost',
  'tag-vhost': 'tag on the vhost',
  'engine-off': 'engine off for the vhost',
};

/** Longer values than this are no scope of anything. */
const LONGEST = 2048;

/** A scope out of an address; `isChosen` is false where no kind was named, and the narrowest of its parts was taken. */
export interface ScopeRequest {
  readonly fields: ScopeFields;
  readonly isChosen: boolean;
}

function text(fields: URLSearchParams, name: string): string | null {
  const value = (fields.get(name) ?? '').trim();
  return value === '' ? null : value.slice(0, LONGEST);
}

/** Reads a scope; parts that are not there are null, a kind that does not exist counts as none. */
export function readScopeFields(fields: URLSearchParams): ScopeRequest {
  const parts = {
    ruleId: text(fields, 'rule'),
    tag: text(fields, 'tag'),
    target: text(fields, 'target'),
    path: text(fields, 'path'),
  };
  const kind = KINDS.find((one) => one === fields.get('kind'));
  return {
    fields: { kind: kind ?? kindOf(parts), vhost: text(fields, 'vhost') ?? '', ...parts },
    isChosen: kind !== undefined,
  };
}

/** The scope as the fields of a form, for `hidden` inputs and for links. */
export function scopeParams({ kind, vhost, ruleId, tag, target, path }: ScopeFields): LinkParams {
  return { kind, vhost, rule: ruleId, target, path, tag };
}

/** Names of form fields by those of ScopeFields and ExcludeRequest. */
const FIELD_OF: Readonly<Partial<Record<string, string>>> = {
  kind: 'kind',
  vhost: 'vhost',
  rule: 'rule',
  ruleId: 'rule',
  tag: 'tag',
  target: 'target',
  path: 'path',
  reason: 'reason',
  typed: 'typed',
  expiresAt: 'ends',
  expires: 'ends',
};

/** What the engine could not understand, by the form's field; the field `''` is none of them. */
export function fieldError(error: { readonly message: string }): {
  readonly field: string;
  readonly text: string;
} {
  const name = 'field' in error && typeof error.field === 'string' ? error.field : '';
  return { field: Object.hasOwn(FIELD_OF, name) ? (FIELD_OF[name] ?? '') : '', text: error.message };
}
