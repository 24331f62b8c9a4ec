// What an exclusion does, as one sentence without its full stop.
import type { ExclusionScope, PathScope } from '../model-rules.ts';

/** E.g. `Rule 942100 skips ARGS:comment on shop.example.com, only for /cart/ and what is below it`. */
export function scopeWords(scope: ExclusionScope): string {
  const { kind, vhost, ruleId, tag, target, path } = scope;
  const where = `on ${vhost}${path === null ? '' : `, only for ${pathWords(path)}`}`;
  switch (kind) {
    case 'target-path':
    case 'target-vhost':
      return `Rule ${ruleId ?? ''} skips ${target ?? ''} ${where}`;
    case 'rule-path':
    case 'rule-vhost':
      return `Rule ${ruleId ?? ''} is off ${where}`;
    case 'tag-vhost':
      return `All rules with the tag ${tag ?? ''} are off ${where}`;
    default:
      return `All rules are off ${where}`;
  }
}

function pathWords({ kind, text }: PathScope): string {
  if (kind === 'exact') return text;
  return kind === 'prefix' ? `${text} and what is below it` : `paths like ${text}`;
}

/** A path as forms, links and JSON carry it: `/cart/` exact, `/cart/*` with all below, `/post/{n}/edit` a template. */
export function pathText({ kind, text }: PathScope): string {
  return kind === 'prefix' ? `${text}*` : text;
}
