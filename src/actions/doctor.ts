// `doctor`: looks at the server, at what Whyblocked reads there and at itself, and says what it means and how to mend it.
import { isActive } from '../analyse/catalogue.ts';
import type { SelfLook } from '../host/self-look.ts';
import type { Context } from './context.ts';
import { apacheChecks, modsecChecks } from './doctor-apache.ts';
import { cpanelChecks } from './doctor-cpanel.ts';
import { csfChecks } from './doctor-csf.ts';
import { mailCheck } from './doctor-mail.ts';
import { firewallChecks, hookCheck } from './doctor-firewall.ts';
import { hookView } from './hook.ts';
import { alarmOf } from './firewall-alarm.ts';
import { examineSources } from './doctor-logs.ts';
import { programChecks, serviceChecks } from './doctor-program.ts';
import { redactReport } from './doctor-redact.ts';
import { readSeen } from './doctor-seen.ts';
import { retentionCheck } from './doctor-retention.ts';
import { type Check, type CheckState, type DoctorReport, GROUPS } from './doctor-view.ts';
import { whmChecks } from './doctor-whm.ts';
import { engineFacts } from './engine-facts.ts';
import { writableHere } from './exclusion-list.ts';
import { readFirewall } from './firewall.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { mailStatus } from './mail-status.ts';
import { type Fresh, refresh } from './refresh.ts';
import { retentionState } from './retention-state.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { serverView } from './server.ts';
import { refusesInNginx } from './unseen-by-lfd.ts';

/** Worst first. */
const STATES: readonly CheckState[] = ['fail', 'warn', 'unknown', 'info', 'ok'];

/** Reads what is new in the logs, then runs all checks. */
export async function examine(ctx: Context): Promise<DoctorReport> {
  return examineAt(ctx, await refresh(ctx));
}

/** Runs all checks. On a copied server no program is run: those checks are `unknown`. */
export async function examineAt(ctx: Context, { clock, report }: Fresh): Promise<DoctorReport> {
  const look = ctx.host.selfLook;
  const isLive = ctx.host.rootDir === '/';
  const [programs, firewall] = await Promise.all([runPrograms(ctx, look, isLive), readFirewall(ctx)]);
  const when = (at: number): string => readableTime(isoTime(clock.zone, at));
  const logs = await examineSources({
    ctx,
    clock,
    problems: report.problems,
    archives: look.place('logArchive').names,
    whmHits: look.place('modsecHits'),
  });
  const checks = [
    ...programChecks({
      version: ctx.version,
      machine: look.machine(ctx.stateDir),
      glibc: programs.glibc,
      transactions: ctx.store.transactions.counts().withHits,
    }),
    retentionCheck(retentionState(ctx), when),
    ...cpanelPart(ctx, look, programs),
    ...whmPart(ctx, look, when),
    ...logs.sources.map(({ check }) => check),
    ...logs.checks,
    ...(await modsecPart(ctx)),
    ...apacheChecks({
      isLive,
      version: programs.httpdVersion,
      test: programs.test,
      modules: programs.modules,
    }),
    ...csfChecks({
      version: look.place('csfVersion'),
      disabled: look.place('csfDisabled'),
      error: look.place('csfError'),
      lfd: programs.lfd,
      firewall,
      errorLogs: ctx.host.layout.errorLogs,
      isNginx: refusesInNginx(ctx),
    }),
    ...firewallChecks({
      refusal: ctx.host.csf.refusal,
      ready: ctx.host.csf.ready(),
      alarm: alarmOf(ctx),
      last: ctx.store.firewall.acts.newest(1).find(({ state }) => state !== 'running') ?? null,
    }),
    hookCheck(await hookView(ctx)),
    ...serviceChecks({
      isLive,
      unitFile: look.place('unit'),
      unit: programs.unit,
      service: programs.service,
      runFolder: look.place('runFolder'),
      socket: look.place('socket'),
      systemdRun: look.place('systemdRun'),
    }),
    mailCheck(mailStatus(ctx), clock.now, when),
  ];
  const counts = countsOf(checks);
  return {
    checks,
    sources: logs.sources.map((one) => one.report),
    counts,
    headline: headlineOf(counts),
    server: serverView(ctx, clock),
  };
}

/** The same without what names the server, its people and their sites. */
export function redacted(ctx: Context, report: DoctorReport): DoctorReport {
  const vhosts = ctx.host.vhosts();
  const own = ctx.host.hostname();
  return redactReport(report, {
    hosts: [...(own === null ? [] : [own]), ...vhosts.flatMap(({ domain, vhost }) => [domain, vhost])],
    accounts: vhosts.map(({ account }) => account),
  });
}

async function runPrograms(ctx: Context, look: SelfLook, isLive: boolean) {
  const { acts } = ctx.host;
  const [glibc, registered, hooks, unit, lfd, httpdVersion, service, test, modules] = await Promise.all([
    look.run('glibc'),
    look.run('registered'),
    look.run('hooks'),
    look.run('unit'),
    look.run('lfd'),
    look.run('httpdVersion'),
    look.service(),
    isLive ? acts.test() : null,
    isLive ? acts.modules() : null,
  ]);
  return { glibc, registered, hooks, unit, lfd, httpdVersion, service, test, modules };
}

type Programs = Awaited<ReturnType<typeof runPrograms>>;

function cpanelPart(ctx: Context, look: SelfLook, { registered, hooks }: Programs): Check[] {
  const written = ctx.store.written.heads(1);
  const active = ctx.store.exclusions.countActive();
  const needed = written.filter(({ vhost }) => (active.get(vhost) ?? 0) > 0);
  return cpanelChecks({
    version: look.place('cpanelVersion'),
    ea4: look.place('ea4'),
    pathsConf: look.place('pathsConf'),
    appConfig: look.place('appConfig'),
    registered,
    cgi: look.place('cgi'),
    style: look.place('style'),
    icon: look.place('icon'),
    template: look.place('template'),
    masterTemplate: look.place('masterTemplate'),
    hooks,
    userdatadomains: look.place('userdatadomains'),
    vhosts: ctx.host.vhosts().length,
    httpdConf: look.place('httpdConf'),
    httpdPreviewConf: look.place('httpdPreviewConf'),
    includeStd: look.place('includeStd'),
    includeSsl: look.place('includeSsl'),
    ours: {
      files: needed.length,
      included: needed.filter(({ path }) => ctx.host.acts.isIncluded(path)).length,
    },
    rebuild: look.place('rebuild'),
  });
}

/** Without cPanel there is nothing to see through WHM. */
function whmPart(ctx: Context, look: SelfLook, when: (at: number) => string): Check[] {
  return look.place('cpanelVersion').kind === 'missing' ? [] : whmChecks(readSeen(ctx), when);
}

async function modsecPart(ctx: Context): Promise<Check[]> {
  const catalogue = ruleCatalogue(ctx);
  return modsecChecks({
    engine: await engineFacts(ctx),
    version: ctx.host.modsecConfig().version,
    ruleFiles: ctx.host.ruleFiles().length,
    rules: [...catalogue.rules.values()].flat().filter(isActive).length,
    writable: await writableHere(ctx),
  });
}

function countsOf(checks: readonly Check[]): DoctorReport['counts'] {
  const count = (state: CheckState): number => checks.filter((one) => one.state === state).length;
  return {
    ok: count('ok'),
    info: count('info'),
    warn: count('warn'),
    fail: count('fail'),
    unknown: count('unknown'),
  };
}

function headlineOf({ fail, warn, unknown }: DoctorReport['counts']): string {
  const open = unknown === 0 ? '' : ` ${unknown} could not be looked at.`;
  if (fail > 0)
    return `${fail} ${fail === 1 ? 'thing does' : 'things do'} not work${warn > 0 ? `, ${warn} to look at` : ''}.${open}`;
  return warn > 0
    ? `It works; ${warn} ${warn === 1 ? 'thing' : 'things'} to look at.${open}`
    : `All is well.${open}`;
}

/** Checks in the order in which they are shown: the worst first, else by group. */
export function byWeight(checks: readonly Check[]): Check[] {
  const weight = ({ state, group }: Check): number =>
    STATES.indexOf(state) * GROUPS.length + GROUPS.indexOf(group);
  return [...checks].sort((a, b) => weight(a) - weight(b));
}
