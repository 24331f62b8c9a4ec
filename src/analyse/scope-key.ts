// Whether two scopes are the same.
import type { ExclusionScope } from '../model-rules.ts';

/** A text that is equal for equal scopes, whatever the order of their fields. */
export function scopeKey({ kind, vhost, ruleId, tag, target, path }: ExclusionScope): string {
  return JSON.stringify([kind, vhost, ruleId, tag, target, path?.kind, path?.text]);
}
