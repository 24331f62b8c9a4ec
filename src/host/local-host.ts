// The Host of a server whose files are below a folder of this machine (`/` for the server itself).
import { existsSync } from 'node:fs';
import type { LineRef, LogFile, Vhost } from '../model.ts';
import { parseUserdatadomains } from '../parse/userdatadomains.ts';
import { parseUserdataVhost } from '../parse/userdata-vhost.ts';
import { auditFileSource, openAuditFiles } from './audit-files.ts';
import { BlockLists } from './block-lists.ts';
import { readZone } from './clock.ts';
import { CsfReader } from './csf-files.ts';
import { openCsf } from './csf-program.ts';
import type { CsfFileName, Host } from './host.ts';
import { openHitsDbFile } from './hits-db.ts';
import { openHookSlot } from './hook-slot.ts';
import { readHostname, readOwnAddresses } from './identity.ts';
import { archiveParts } from './gzip-members.ts';
import type { Layout, LayoutOverrides } from './layout.ts';
import { DEFAULT_CSF_FOLDER, PATHS_CONF, buildLayout } from './layout.ts';
import { candidates, readLineAt } from './line-at.ts';
import type { FoundLog, LogKind, Looker } from './logs.ts';
import { findDomlogs, findSharedLogs } from './logs.ts';
import { readModsecConfig } from './modsec-config.ts';
import { lookAtText } from './look-at-text.ts';
import { rememberingProber } from './probe.ts';
import type { LogSource } from './read.ts';
import { fingerprint, hasHead, readChunks } from './read.ts';
import { readBlocks } from './read-blocks.ts';
import { readLines } from './read-lines.ts';
import { readWindow, windowStart } from './read-window.ts';
import { readRemoteProxies } from './remote-proxies.ts';
import type { Root } from './root.ts';
import { openRoot } from './root.ts';
import { RuleFiles } from './rule-files.ts';
import { SYSTEMD_RUN } from './outside-sandbox.ts';
import { openSelfLook } from './self-look.ts';
import { openMailer } from './sendmail.ts';
import { type ActSettings, openActs } from './server-acts.ts';
import { SearchBook } from './search-logs.ts';
import { readServiceLog } from './service-log.ts';
import { readSmallFile } from './small-file.ts';
import { openStateDir } from './state-dir.ts';
import type { IncludeOwner } from './vhost-includes.ts';
import { VhostIncludes } from './vhost-includes.ts';

/** csf keeps these in its state folder, the others beside its configuration. */
const STATE_FILES: ReadonlySet<CsfFileName> = new Set([
  'tempban',
  'tempallow',
  'tempip',
  'gallow',
  'gignore',
]);
const FLOCK = '/usr/bin/flock';
const KINDS: readonly LogKind[] = ['error_log', 'audit_log', 'lfd_log', 'access_log', 'login_log'];
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

export interface HostOptions {
  /** `/`, or the folder of a copied server. */
  readonly root: string;
  readonly overrides?: LayoutOverrides | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly acts?: ActSettings | undefined;
}

/** Opens a server's files. Throws the file system's error when the root folder is not there, or is no folder. */
export function openHost(options: HostOptions): Host {
  const root = openRoot(options.root);
  const top = root.resolve('/');
  if (top.problem === null && !top.stats.isDirectory())
    throw Object.assign(new Error(`${options.root} is no folder`), { code: 'ENOTDIR' });
  const layout = readLayout(root, options.overrides ?? {});
  const looker = { root, probe: rememberingProber(root) };
  const logs = new LogBook(looker, layout);
  const search = new SearchBook(looker, layout, () => logs.vhosts());
  // Where csf can be run, it writes: its lists are read under its own lock.
  const isLive = root.dir === '/' || options.acts?.csfCommand !== undefined;
  const flock = isLive && existsSync(FLOCK) ? FLOCK : null;
  const lists = new CsfReader(root, flock, layout.csfStateFolder);
  const blockLists = new BlockLists(root, layout);
  const rules = new RuleFiles(root, layout.ruleFolders);
  const includes = new VhostIncludes(root, layout);
  return {
    rootDir: root.dir,
    layout,
    zone: readZone(root),
    logs: (kind, vhost) => logs.find(kind, vhost).map(({ log }) => log),
    readChunks: (log, from, limit) => readChunks(logs.source(log), from, limit),
    readBlocks: (log, from, longest) => readBlocks(logs.source(log), from, longest),
    readLines: (log, from) => readLines(logs.source(log), from),
    readWindow: (log, window, timeOf) => readWindow(logs.source(log), window, timeOf),
    windowStart: (log, from, timeOf) => windowStart(logs.source(log), from, timeOf),
    fingerprint: (log) => fingerprint(logs.source(log)),
    look: (log, wanted) => lookAtText(logs.source(log), wanted),
    archiveParts: (log, from) => archiveParts(logs.source(log), from),
    hasHead: (log, head) => hasHead(logs.source(log), head),
    lineAt: async (ref) => {
      const file = auditFileSource(root, layout.auditFolders, ref.file);
      if (file !== null) return readLineAt(ref, [file]);
      return (await readLineAt(ref, logs.known(ref))) ?? readLineAt(ref, logs.holding(ref));
    },
    auditFiles: openAuditFiles(root, layout.auditFolders),
    hitsDb: openHitsDbFile(root, layout),
    searchLogs: () => search.list(),
    searchLogAt: (path) => search.at(path),
    openSearchLog: ({ path }) => search.open(path),
    csfFile: (name) => lists.list(csfPath(layout, name)),
    csfStamp: (name) => stampOf(root, csfPath(layout, name)),
    blockLists: () => blockLists.read(),
    serviceLog: (key, address) => readServiceLog(root, `${layout.csfFolder}/csf.conf`, key, address),
    vhosts: () => logs.vhosts(),
    aliases: (vhost) => readAliases(root, layout, logs.vhosts(), vhost),
    includeFiles: (vhost) =>
      includes.read(vhost === null ? null : includeOwner(root, layout, logs.vhosts(), vhost)),
    ruleFiles: (only = null) => rules.read(only),
    modsecConfig: () => readModsecConfig(root, layout),
    hostname: () => readHostname(root),
    ownAddresses: () => readOwnAddresses(root, layout.userdatadomains),
    remoteProxies: () => readRemoteProxies(root, layout),
    hookSlot: openHookSlot(root, layout, options.env.WHYBLOCKED_SANDBOX === '1'),
    selfLook: openSelfLook(root, layout),
    acts: openActs(root, layout, actSettings(options), () => readOwnAddresses(root, layout.userdatadomains)),
    mailer: openMailer(root, actSettings(options)),
    csf: openCsf(root, layout, actSettings(options)),
    stateDir: (explicit) => openStateDir({ root: root.dir, explicit, env: options.env }),
  };
}

/** Our unit says by WHYBLOCKED_SANDBOX=1 that the server's programs cannot run inside it. */
function actSettings({ acts, env }: HostOptions): ActSettings {
  return env.WHYBLOCKED_SANDBOX === '1' ? { systemdRun: SYSTEMD_RUN, ...acts } : (acts ?? {});
}

function readLayout(root: Root, overrides: LayoutOverrides): Layout {
  const textOf = (path: string): string | null => {
    const file = readSmallFile(root, path);
    return file.problem === null ? file.text : null;
  };
  const csfConf = `${overrides.csfFolder ?? DEFAULT_CSF_FOLDER}/csf.conf`;
  return buildLayout({ pathsConf: textOf(PATHS_CONF), csfConf: textOf(csfConf) }, overrides);
}

function csfPath(layout: Layout, name: CsfFileName): string {
  return `${STATE_FILES.has(name) ? layout.csfStateFolder : layout.csfFolder}/csf.${name}`;
}

function stampOf(root: Root, path: string): ReturnType<Host['csfStamp']> {
  const place = root.resolve(path);
  if (place.problem !== null) return null;
  const { ino, size, mtimeMs } = place.stats;
  return { stamp: `${ino}:${size}:${mtimeMs}`, mtimeMs };
}

function readAliases(root: Root, layout: Layout, vhosts: readonly Vhost[], vhost: string): string[] {
  const names = new Set<string>();
  for (const entry of vhosts.filter((one) => one.vhost === vhost)) {
    names.add(entry.domain);
    if (!ACCOUNT.test(entry.account)) continue;
    for (const file of [vhost, `${vhost}_SSL`]) {
      const text = readSmallFile(root, `${layout.userdataFolder}/${entry.account}/${file}`);
      if (text.problem !== null) continue;
      for (const alias of parseUserdataVhost(text.text).aliases) names.add(alias);
    }
  }
  names.delete(vhost);
  return [...names].sort();
}

/** Whose include files a vhost gets; those that all share when nobody has it. */
function includeOwner(root: Root, layout: Layout, vhosts: readonly Vhost[], vhost: string): IncludeOwner {
  const entry = vhosts.find((one) => one.vhost === vhost);
  if (entry === undefined) return { account: '', owner: '', names: [] };
  const names = [vhost, ...readAliases(root, layout, vhosts, vhost)];
  return { account: entry.account, owner: entry.owner, names };
}

/** Which logs were found, so that only these are opened. */
class LogBook {
  private readonly looker: Looker;
  private readonly root: Root;
  private readonly layout: Layout;
  private readonly found = new Map<string, FoundLog>();
  private domains: { readonly stamp: number; readonly vhosts: Vhost[] } | null = null;

  constructor(looker: Looker, layout: Layout) {
    this.looker = looker;
    this.root = looker.root;
    this.layout = layout;
  }

  vhosts(): Vhost[] {
    const place = this.root.resolve(this.layout.userdatadomains);
    const stamp = place.problem === null ? place.stats.mtimeMs + place.stats.size : -1;
    if (this.domains?.stamp !== stamp) {
      const file = readSmallFile(this.root, this.layout.userdatadomains);
      this.domains = { stamp, vhosts: file.problem === null ? parseUserdatadomains(file.text) : [] };
    }
    return this.domains.vhosts;
  }

  find(kind: LogKind, vhost?: string): FoundLog[] {
    const at = { ...this.looker, layout: this.layout, vhosts: this.vhosts() };
    const own = kind === 'access_log' ? findDomlogs(at, this.servername(vhost)) : [];
    const found = [...own, ...findSharedLogs(at, kind)];
    for (const entry of found) this.found.set(entry.log.path, entry);
    return found;
  }

  /** How to open a log; a LogFile from elsewhere (another process, a stored one) must be found again first. */
  source(log: LogFile): LogSource {
    const { path, text } = log;
    return {
      path,
      text,
      open: () => {
        if (!this.found.has(path)) for (const kind of KINDS) this.find(kind);
        const entry = this.found.get(path);
        if (entry === undefined) return { path, problem: 'not a log of this server' };
        const place = this.root.resolve(path, entry.distrust);
        return place.problem === null ? this.root.open(place) : place;
      },
    };
  }

  /** The logs that may hold a stored place. */
  holding(ref: LineRef): LogSource[] {
    for (const kind of KINDS) this.find(kind);
    return this.known(ref);
  }

  /** The same among the logs found before: a page asks for many lines, and looking for logs takes its time. */
  known(ref: LineRef): LogSource[] {
    return candidates(ref, [...this.found.values()]).map(({ log }) => this.source(log));
  }

  private servername(vhost: string | undefined): string | null {
    if (vhost === undefined) return null;
    const name = vhost.toLowerCase();
    return this.vhosts().find((entry) => entry.domain === name)?.vhost ?? name;
  }
}
