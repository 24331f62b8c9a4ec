// The form that names a scope by hand: for a target or a path that no log has shown, or one that was not understood.
import type { ScopeFields } from '../actions/exclusion-view.ts';
import type { ScopeKind } from '../model-rules.ts';
import { KIND_NAMES } from './scope-query.ts';
import { FieldValue } from './view-text.ts';

/** What views/scope.ejs needs. */
export interface ScopeFormPage {
  readonly title: string;
  readonly headline: string;
  readonly error: string;
  readonly fields: readonly {
    readonly id: string;
    readonly name: string;
    readonly label: string;
    readonly value: FieldValue;
    readonly hint: string;
    readonly error: string;
    readonly list: string;
    readonly mono: boolean;
  }[];
  readonly kinds: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
  readonly kindError: string;
}

const KINDS = Object.entries(KIND_NAMES) as readonly (readonly [ScopeKind, string])[];
const FIELDS = [
  { name: 'vhost', part: 'vhost', label: 'Vhost', hint: 'Any domain of it.' },
  { name: 'rule', part: 'ruleId', label: 'Rule', hint: 'Its id, e.g. 942100.' },
  {
    name: 'target',
    part: 'target',
    label: 'Target',
    hint: 'As the log names it, e.g. ARGS:comment, REQUEST_COOKIES:consent.',
  },
  {
    name: 'path',
    part: 'path',
    label: 'Path',
    hint: '/cart/ alone, /cart/* with all below it, /post/{n}/edit with numbers.',
  },
  { name: 'tag', part: 'tag', label: 'Tag', hint: 'For all rules that have it, e.g. attack-sqli.' },
] as const;

/** The form with what was asked, and what could not be understood at its field; `kind` is null where none was named. */
export function scopeForm(
  { kind, ...scope }: Omit<ScopeFields, 'kind'> & { readonly kind: ScopeKind | null },
  error: { readonly field: string; readonly text: string } | null,
): ScopeFormPage {
  const at = (name: string): string => (error?.field === name ? error.text : '');
  const isElsewhere =
    error !== null && error.field !== 'kind' && !FIELDS.some(({ name }) => name === error.field);
  return {
    title: error === null ? 'Another scope' : 'Not understood',
    headline: error === null ? 'What is to be excluded?' : 'This scope cannot be tried.',
    error: isElsewhere ? error.text : '',
    fields: FIELDS.map(({ name, part, label, hint }) => ({
      id: `wb-x-${name}`,
      name,
      label,
      value: new FieldValue(scope[part] ?? ''),
      hint,
      error: at(name),
      list: '',
      mono: name === 'target' || name === 'path',
    })),
    kinds: KINDS.map(([value, text]) => ({ value, text, selected: value === kind })),
    kindError: at('kind'),
  };
}
