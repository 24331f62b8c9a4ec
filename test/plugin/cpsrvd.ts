// Plays cpsrvd, WHM's web server: Apache with mod_cgid runs the shipped bridge below WHM's session path.
//
//   const whm = await startCpsrvd({ socket, staticDir });     // the service listens on `socket` already, or later
//   await fetch(`${whm.url}index.cgi?p=/incidents`);           // http://127.0.0.1:PORT/cpsess1234567890/cgi/whyblocked/
//   await whm.stop();
//
// - `caller: 'reseller'` is a WHM user without root's privileges; `chrome: true` has WHM's master template.
// - Static files come from `staticDir` as `static/NAME`. A path without the session token is answered with a login
//   page (401), WHM's own pages below the token with a stub, anything else below it with 404.
// - The environment holds what cpsrvd's has, with a planted password, cookie and authorization that must go nowhere.
// - cpsrvd runs the bridge as root. Apache never does: here it runs as www-data, with the one privilege of root that
//   opens a root-only socket (CAP_DAC_OVERRIDE). Started by another user than root, it runs as that user.
// - `cpsrvdMissing()` names what is not installed; a suite then skips by that name (Debian: apt-get install apache2 perl).
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HTTPD = '/usr/sbin/apache2';
const PERL = '/usr/bin/perl';
const SETPRIV = '/usr/bin/setpriv';
const MODULES = '/usr/lib/apache2/modules';
const PLUGIN = join(import.meta.dirname, '../../plugin');
const STAND_INS = join(import.meta.dirname, 'perl-stand-ins');
const START_MS = 15_000;
const STOP_MS = 3_000;

/** The session path of every address, and secrets of the environment that must reach nobody. */
export const TOKEN = '/cpsess1234567890';
export const PLANTED = {
  password: 'planted-password-7Q',
  cookie: 'whostmgrsession=planted-cookie-7Q',
  authorization: 'Basic planted-authorization-7Q',
} as const;

export interface CpsrvdOptions {
  /** Where the service listens. */
  readonly socket: string;
  /** Folder of the files that are served as `static/NAME`. */
  readonly staticDir: string;
  /** Who calls: `root` by default. */
  readonly caller?: 'root' | 'reseller';
  /** Whether WHM's master template is there; false by default. */
  readonly chrome?: boolean;
  /** Other values for the bridge's limits, by constant: `{ ANSWER_S: 2 }`. */
  readonly limits?: Readonly<Record<string, number>>;
}

export interface Cpsrvd {
  /** Address of the plugin's folder, with the session path; ends with a slash. */
  readonly url: string;
  /** The copy of the bridge that runs. */
  readonly bridge: string;
  /** Stops Apache; safe to call twice. */
  stop(): Promise<void>;
}

/** What is not installed of the things that are needed; empty when it can run. */
export function cpsrvdMissing(): string[] {
  const needs: [string, string][] = [
    ['apache2', HTTPD],
    ['apache2 (mod_cgid)', `${MODULES}/mod_cgid.so`],
    ['perl', PERL],
    ...(process.getuid?.() === 0 ? [['util-linux (setpriv)', SETPRIV] as [string, string]] : []),
  ];
  return needs.filter(([, path]) => !existsSync(path)).map(([name]) => name);
}

/** What a copy of the bridge has in place of the shipped file's own values. */
export interface BridgePlaces {
  readonly lib: string;
  readonly socket: string;
  readonly limits?: Readonly<Record<string, number>> | undefined;
}

/**
 * The shipped bridge as text, with Debian's Perl, other places and other limits. Throws when one of these lines is
 * not in the file exactly once.
 */
export function bridgeText(places: BridgePlaces): string {
  let text = readFileSync(join(PLUGIN, 'index.cgi'), 'utf8');
  const swap = (pattern: RegExp, line: string): void => {
    if (text.match(new RegExp(pattern, 'gm'))?.length !== 1)
      throw new Error(`not once in index.cgi: ${pattern.source}`);
    text = text.replace(new RegExp(pattern, 'm'), () => line);
  };
  swap(/^#!\/usr\/local\/cpanel\/3rdparty\/bin\/perl$/, `#!${PERL}`);
  swap(/^use constant CPANEL_LIB => '[^']*';$/, `use constant CPANEL_LIB => '${places.lib}';`);
  swap(/^use constant SOCKET {5}=> '[^']*';$/, `use constant SOCKET     => '${places.socket}';`);
  for (const [name, value] of Object.entries(places.limits ?? {}))
    swap(new RegExp(`\\b${name} => [0-9_]+`), `${name} => ${value}`);
  return text;
}

/** Puts the stand-ins for cPanel's modules into `dir`, with WHM's templates or without. */
export function writeStandIns(dir: string, chrome: boolean): void {
  cpSync(STAND_INS, dir, { recursive: true });
  const templates = join(dir, 'whostmgr/docroot/templates');
  if (chrome) cpSync(join(PLUGIN, 'whyblocked.tmpl'), join(templates, 'whyblocked.tmpl'));
  else rmSync(templates, { recursive: true });
}

function httpdConf(dir: string, port: number, options: CpsrvdOptions): string {
  const load = ['mpm_event', 'authz_core', 'alias', 'cgid', 'env', 'mime', 'rewrite']
    .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`)
    .join('\n');
  const user = options.caller === 'reseller' ? 'reseller' : 'root';
  return `ServerRoot "${dir}"
DefaultRuntimeDir "${dir}"
PidFile "${dir}/httpd.pid"
${load}
ScriptSock "${dir}/cgid.sock"
ServerName whm.example.com
ServerTokens ProductOnly
Listen 127.0.0.1:${port}
Timeout 120
KeepAlive Off
StartServers 1
ServerLimit 2
ThreadsPerChild 64
MinSpareThreads 16
MaxSpareThreads 128
MaxRequestWorkers 128
ListenBacklog 511
ErrorLog "${dir}/error_log"
LogLevel warn
TypesConfig /dev/null
AddType text/css .css
AddType text/javascript .js
AddDefaultCharset utf-8
<Directory />
  AllowOverride None
  Require all granted
</Directory>
ScriptAliasMatch "^${TOKEN}/cgi/whyblocked/(?:index\\.cgi)?$" "${dir}/index.cgi"
AliasMatch "^${TOKEN}/cgi/whyblocked/static/([A-Za-z0-9._-]+)$" "${resolve(options.staticDir)}/$1"
AliasMatch "^${TOKEN}/(?:scripts/command)?$" "${dir}/whm.html"
RewriteEngine On
RewriteCond "%{REQUEST_URI}" "!^${TOKEN}/"
RewriteRule "^" "-" [R=401,L]
ErrorDocument 401 "<!DOCTYPE html><title>WHM Login</title><form id='login_form'>Log in</form>"
SetEnv REMOTE_USER ${user}
SetEnv cp_security_token ${TOKEN}
SetEnv HTTPS on
SetEnv ap_trust_cgilike_cl yes
SetEnv SESSION_TEMP_USER ${user}
SetEnv REMOTE_PASSWORD "${PLANTED.password}"
SetEnv HTTP_COOKIE "${PLANTED.cookie}"
SetEnv HTTP_AUTHORIZATION "${PLANTED.authorization}"
`;
}

/** A port of the loopback interface that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });
}

/** The command that starts Apache, tied to the life of this process where util-linux can do that. */
function command(dir: string): [string, ...string[]] {
  const httpd: [string, ...string[]] = [HTTPD, '-d', dir, '-f', `${dir}/httpd.conf`, '-D', 'FOREGROUND'];
  if (!existsSync(SETPRIV)) return httpd;
  const drop = ['--reuid', 'www-data', '--regid', 'www-data', '--clear-groups'];
  const keep = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
  return [
    SETPRIV,
    ...(process.getuid?.() === 0 ? [...drop, ...keep] : []),
    '--pdeathsig',
    'TERM',
    '--',
    ...httpd,
  ];
}

function endProcess(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    // Apache leads a process group of its own; TERM goes to the parent alone, KILL to all of it.
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
  } catch {
    // It has ended by itself in the meantime.
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  endProcess(child, 'SIGTERM');
  const timer = setTimeout(() => {
    endProcess(child, 'SIGKILL');
  }, STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** Lays out the server's folder, readable for the user that Apache runs as. */
function layOut(dir: string, port: number, options: CpsrvdOptions): void {
  writeStandIns(join(dir, 'cpanel'), options.chrome === true);
  const places = { lib: join(dir, 'cpanel'), socket: resolve(options.socket), limits: options.limits };
  writeFileSync(join(dir, 'index.cgi'), bridgeText(places), { mode: 0o755 });
  writeFileSync(join(dir, 'whm.html'), '<!DOCTYPE html><title>WHM</title><h1 id="whm-home">WHM</h1>');
  writeFileSync(join(dir, 'httpd.conf'), httpdConf(dir, port, options));
  chmodSync(dir, 0o755);
  if (process.getuid?.() !== 0) return;
  const number = (flag: string): number =>
    Number(spawnSync('/usr/bin/id', [flag, 'www-data']).stdout.toString());
  chownSync(dir, number('-u'), number('-g'));
}

/**
 * Starts the server on a free loopback port. It is stopped by `stop()`, when the start fails, and when this process
 * ends. Throws with Apache's own words when it does not come up.
 */
export async function startCpsrvd(options: CpsrvdOptions): Promise<Cpsrvd> {
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-cpsrvd-'));
  const port = await freePort();
  layOut(dir, port, options);
  const [program, ...args] = command(dir);
  const child = spawn(program, args, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killAtExit = (): void => {
    endProcess(child, 'SIGKILL');
  };
  process.once('exit', killAtExit);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const failures: Error[] = [];
  child.once('error', (error) => failures.push(error));
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    process.off('exit', killAtExit);
    rmSync(dir, { recursive: true, force: true });
  };
  const until = Date.now() + START_MS;
  while (!(await accepts(port))) {
    const log = join(dir, 'error_log');
    if (failures.length > 0 || child.exitCode !== null || Date.now() > until) {
      const why = `${said}${existsSync(log) ? readFileSync(log, 'utf8') : ''}`;
      await stop();
      throw new Error(`Apache did not start: ${why}`, { cause: failures[0] });
    }
    await sleep(20);
  }
  return { url: `http://127.0.0.1:${port}${TOKEN}/cgi/whyblocked/`, bridge: join(dir, 'index.cgi'), stop };
}
