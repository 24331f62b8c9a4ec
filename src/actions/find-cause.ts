// The cause that a rule's hit belongs to, found by names as logs, links and pages have them.
import { pathTemplate, targetTemplate } from '../analyse/causes.ts';
import { sentPath } from '../analyse/path-scope.ts';
import type { CauseKey } from '../model-evidence.ts';
import { readCauseByKey } from './causes.ts';
import type { CausePageView } from './causes-view.ts';
import type { Context } from './context.ts';
import { indexVhosts } from './vhosts.ts';

/** Longer names are kept up to here. */
const LONGEST = 200;

/**
 * Finds the page of a cause: `vhost` may be any domain of its vhost (empty: names that nobody here owns), target and path
 * as a log has them or as templates, empty where none is named. A rule that one visitor set off in very many places
 * has these counted as one without target and path: that one is given where the place itself is not counted. Null when
 * neither is.
 */
export async function findCause(ctx: Context, names: CauseKey): Promise<CausePageView | null> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const key: CauseKey = {
    vhost: vhosts.vhostOf(names.vhost.trim().toLowerCase().replace(/\.$/, '')) ?? '',
    ruleId: names.ruleId,
    target: targetTemplate(names.target).slice(0, LONGEST),
    path: names.path === '' ? '' : pathTemplate(sentPath(names.path)).slice(0, LONGEST),
  };
  return (await readCauseByKey(ctx, key)) ?? (await readCauseByKey(ctx, { ...key, target: '', path: '' }));
}
