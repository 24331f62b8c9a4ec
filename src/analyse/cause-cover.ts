// Whether an exclusion covers a cause: all that the rule does there.
import type { ExclusionScope, PathScope } from '../model-rules.ts';
import { matchesPath } from './path-scope.ts';

/** A cause with how the logs name its target and path; empty text: they do not. */
export interface CoveredCause {
  readonly vhost: string;
  readonly ruleId: string;
  readonly target: string;
  readonly path: string;
  readonly targetSeen: string;
  readonly pathSeen: string;
}

/**
 * True when the scope takes in every request of the cause. `tagsOf` gives the tags of a rule. A scope for one path
 * does not cover a template, one for a target no cause whose target the logs do not name.
 */
export function coversCause(
  scope: ExclusionScope,
  cause: CoveredCause,
  tagsOf: (ruleId: string) => readonly string[],
): boolean {
  if (scope.vhost !== cause.vhost || cause.vhost === '') return false;
  if (scope.kind === 'engine-off') return true;
  if (scope.kind === 'tag-vhost') return scope.tag !== null && tagsOf(cause.ruleId).includes(scope.tag);
  if (scope.ruleId !== cause.ruleId) return false;
  if (scope.target !== null && !takesTarget(scope.target, cause)) return false;
  return scope.path === null || takesPath(scope.path, cause);
}

function takesTarget(wanted: string, { target, targetSeen }: CoveredCause): boolean {
  if (targetSeen === '' && target === '') return false;
  // ModSecurity does not look at case.
  const own = wanted.toLowerCase();
  const names = [target, targetSeen].map((name) => name.toLowerCase());
  return names.some((name) => name === own || (!own.includes(':') && name.startsWith(`${own}:`)));
}

function takesPath(scope: PathScope, { path, pathSeen }: CoveredCause): boolean {
  if (path === '' && pathSeen === '') return false;
  if (scope.kind === 'template') return scope.text === path || matchesPath(scope, pathSeen);
  return matchesPath(scope, pathSeen);
}
