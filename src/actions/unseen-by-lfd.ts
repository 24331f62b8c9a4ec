// Refusals that lfd cannot count, because the web server writes them in a form that none of csf's expressions fits.
import { count } from '../analyse/sentences.ts';
import { familyTest, folderOf, logBase, nameOf } from '../host/log-names.ts';
import type { LineRef, StoredHit, Transaction } from '../model.ts';
import type { Context } from './context.ts';
import type { Statement } from './explanation.ts';

const SHOWN = 5;
/** How libmodsecurity and LiteSpeed begin the text of a match. */
const V3 = 'Matched "Operator `';
const LITESPEED = 'mod_security rule [id "';
const NGINX_SENTENCE =
  'nginx writes the connection’s number in front of them, and csf’s own expressions fit no such line. So LF_MODSEC counts none of them, and csf blocks nobody for them unless regex.custom.pm has an expression of the admin’s.';
const LITESPEED_SENTENCE =
  'csf’s own expressions fit no line of LiteSpeed’s own shape ([MODSEC] … triggered!). So LF_MODSEC counts none of them.';

/** Tells by its path whether a log is one of nginx's error logs, or was rotated from one. */
function nginxErrorTest({ host }: Pick<Context, 'host'>): (path: string) => boolean {
  const families = host.layout.nginxErrorLogs.map((pattern) => ({
    folder: familyTest(folderOf(pattern).slice(1)),
    name: familyTest(nameOf(pattern)),
  }));
  return (path) =>
    families.some(({ folder, name }) => name(logBase(nameOf(path))) && folder(folderOf(path).slice(1)));
}

/** The places of a hit's lines in nginx's error log; of an audit record of ModSecurity 3 that no error log tells of. */
function nginxRefs(hit: StoredHit, isNginx: (path: string) => boolean): readonly LineRef[] {
  const own = hit.refs.filter((ref) => isNginx(ref.file));
  const isAuditAlone = own.length === 0 && !hit.sources.includes('error_log');
  return isAuditAlone && hit.operator.startsWith(V3) ? hit.refs : own;
}

/**
 * Says of an address's requests which of them lfd does not see: those that ModSecurity 3 refused in nginx, and those
 * that LiteSpeed wrote in its own shape. Nothing where Apache wrote them.
 */
export function unseenByLfd(ctx: Pick<Context, 'host'>, transactions: readonly Transaction[]): Statement[] {
  const isNginx = nginxErrorTest(ctx);
  const isThere = ctx.host.logs('error_log').some(({ path, problem }) => problem === null && isNginx(path));
  const refused = transactions.flatMap(({ hits }) => {
    const denied = hits.filter((hit) => hit.action === 'denied');
    const refs = isThere ? denied.flatMap((hit) => nginxRefs(hit, isNginx)) : [];
    return refs.length === 0 ? [] : [refs];
  });
  const litespeed = transactions.flatMap(({ hits }) => {
    const refs = hits.filter(({ operator }) => operator.startsWith(LITESPEED)).flatMap((hit) => hit.refs);
    return refs.length === 0 ? [] : [refs];
  });
  return [...said(refused, 'refusal', NGINX_SENTENCE), ...said(litespeed, 'request', LITESPEED_SENTENCE)];
}

/** Whether ModSecurity 3 in nginx is at work here: a log of nginx's errors, and hits in its words. */
export function refusesInNginx(ctx: Pick<Context, 'host' | 'store'>): boolean {
  const isNginx = nginxErrorTest(ctx);
  return (
    ctx.store.files('error_log').some(({ path, lines }) => lines > 0 && isNginx(path)) &&
    ctx.store.counts.hasHitText('Operator `')
  );
}

function said(places: readonly (readonly LineRef[])[], noun: string, why: string): Statement[] {
  if (places.length === 0) return [];
  const which = places.length === 1 ? `this ${noun}` : `these ${count(places.length, noun)}`;
  return [
    {
      basis: 'known',
      sentence: `lfd does not see the lines of ${which}: ${why}`,
      lines: places.flat().slice(0, SHOWN),
    },
  ];
}
