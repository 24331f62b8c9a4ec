// Makes demo/ anew from a real run: starts the bed, sends the stories, lets lfd's stand-in block, packs the server.
// Run: npm run demo:build
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBed } from './apache.ts';
import { COUNTRIES, csfFiles, CSF_CONF, lfdFacts, systemLogs } from './csf-files.ts';
import { alertMail, runLfd } from './lfd.ts';
import type { Block, WatchedLine } from './lfd.ts';
import { collect, pack } from './pack.ts';
import type { PackEntry } from './pack.ts';
import { readRecording } from './recording.ts';
import type { RecordedLogs } from './recording.ts';
import { zoneFile } from './server-root.ts';
import { ALL_VHOSTS } from './sites.ts';
import type { EpochMicros } from './stamps.ts';
import { editor, EDITOR_CLIENT } from './stories/editor.ts';
import { brokenBodies } from './stories/broken-bodies.ts';
import { CONSENT_BLOCKED, consentCookie } from './stories/consent-cookie.ts';
import { dropped, DROPPED_CLIENT } from './stories/dropped.ts';
import { IMAP_CLIENT, SMTP_CLIENT } from './stories/mail-login.ts';
import { office, OFFICE_CLIENT } from './stories/office.ts';
import { PROBE_CLIENT, probeScanner } from './stories/probe-scanner.ts';
import { rotated, ROTATED_CLIENT } from './stories/rotated.ts';
import { smallIncidents } from './stories/small-incidents.ts';
import { sqlmap, SQLMAP_CLIENT } from './stories/sqlmap.ts';
import type { Step } from './stories/story.ts';
import { TEN_HITS_CLIENT, tenHits } from './stories/ten-hits.ts';
import { monitor } from './stories/monitor.ts';
import { visitors } from './stories/visitors.ts';

const ZONE = 'Europe/Bratislava';
const HOUR_MICROS = 3600 * 1e6;
const DEMO = join(import.meta.dirname, '../../demo');

/** Which blocks the stories must lead to, and what the mail of each is called. */
const EXPECTED = new Map([
  [`${TEN_HITS_CLIENT} LF_MODSEC`, '01-ten-hits.eml'],
  [`${EDITOR_CLIENT} LF_MODSEC`, '02-wordpress-editor.eml'],
  [`${PROBE_CLIENT} LF_APACHE_404`, '03-probe-scanner.eml'],
  [`${ROTATED_CLIENT} LF_MODSEC`, '04-rotated-log.eml'],
  [`${SMTP_CLIENT} LF_SMTPAUTH`, '05-mail-login.eml'],
  ['203.0.113.7 LF_SSHD', '06-ssh-login.eml'],
  [`${SQLMAP_CLIENT} LF_MODSEC`, '07-sqlmap.eml'],
  [`${CONSENT_BLOCKED[0]} LF_MODSEC`, '08-consent-cookie.eml'],
  [`${CONSENT_BLOCKED[1]} LF_MODSEC`, '09-consent-cookie-ipv6.eml'],
  [`${OFFICE_CLIENT} LF_MODSEC`, '10-shared-office.eml'],
  [`${DROPPED_CLIENT} LF_MODSEC`, '11-dropped-from-csf-deny.eml'],
  [`${IMAP_CLIENT} LF_IMAPD`, '12-mailbox-login.eml'],
]);

/** ModSecurity's own rule on multipart bodies, as its recommended configuration has it. */
const USER_RULES = `SecRule MULTIPART_STRICT_ERROR "!@eq 0" \\
  "id:200003,phase:2,t:none,log,deny,status:400,msg:'Multipart request body failed strict validation: PE %{REQBODY_PROCESSOR_ERROR}, BQ %{MULTIPART_BOUNDARY_QUOTED}, BW %{MULTIPART_BOUNDARY_WHITESPACE}, DB %{MULTIPART_DATA_BEFORE}, DA %{MULTIPART_DATA_AFTER}, HF %{MULTIPART_HEADER_FOLDING}, LF %{MULTIPART_LF_LINE}, SM %{MULTIPART_MISSING_SEMICOLON}, IQ %{MULTIPART_INVALID_QUOTING}, IP %{MULTIPART_INVALID_PART}, IH %{MULTIPART_INVALID_HEADER_FOLDING}, FL %{MULTIPART_FILE_LIMIT_EXCEEDED}'"
`;

function allSteps(): Step[] {
  const stories = [
    ...[tenHits(), editor(), probeScanner(), rotated(), smallIncidents(), monitor(), visitors()],
    ...[sqlmap(), consentCookie(), office(), dropped(), brokenBodies()],
  ];
  return stories.flatMap((story) => story.steps).sort((a, b) => a.at - b.at);
}

/** Runs the steps against a real Apache and gives its root folder's logs and static files. */
async function record(
  dir: string,
  steps: readonly Step[],
  end: EpochMicros,
): Promise<{ logs: RecordedLogs; files: PackEntry[] }> {
  const bed = await startBed({
    dir,
    crs: '3',
    auditLog: 'serial',
    vhosts: ALL_VHOSTS,
    mpm: 'event',
    zone: 'UTC',
    trace: true,
    logLevel: 'warn core:info',
    userRules: USER_RULES,
  });
  try {
    for (const { request, expect } of steps) {
      const { status } = await bed.send(request);
      if (expect !== undefined && status !== expect) {
        throw new Error(
          `${request.client ?? ''} ${request.host} ${request.path}: ${status} instead of ${expect}`,
        );
      }
    }
    await bed.settle();
  } finally {
    await bed.stop();
  }
  const logs = readRecording(bed.root, steps, end, end - 30 * HOUR_MICROS);
  const skip = (path: string): boolean =>
    path === 'etc/apache2/logs' || path === 'etc/apache2/conf' || path === 'etc/localtime';
  const files = [
    ...collect(bed.root, 'etc', skip),
    // Without the stand-ins for cPanel's programs.
    ...collect(bed.root, 'usr', (path) => path === 'usr/sbin' || path === 'usr/local/cpanel'),
    ...collect(bed.root, 'var/cpanel', (path) => path.endsWith('/secdatadir')),
  ];
  return { logs, files: files.map(withCpanelPaths(bed.root)) };
}

/** The bed's own folders in the ModSecurity configuration are those of cPanel in the pack. */
function withCpanelPaths(root: string): (entry: PackEntry) => PackEntry {
  return (entry) => {
    if (!entry.path.includes('/modsec2') || entry.content === undefined) return entry;
    const text = entry.content.toString('latin1').replaceAll(`"${root}/`, '"/');
    return { ...entry, content: Buffer.from(text, 'latin1') };
  };
}

function textEntry(path: string, text: string, mode?: number): PackEntry {
  return {
    path,
    kind: 'text',
    content: Buffer.from(text, 'latin1'),
    ...(mode === undefined ? {} : { mode }),
  };
}

function joined(lines: readonly WatchedLine[], from: EpochMicros, separator: string): string {
  return lines.flatMap((line) => (line.at >= from ? [line.text + separator] : [])).join('');
}

/** lfd reads all logs; each of the expected blocks must come, and none besides. */
function block(logs: RecordedLogs, end: EpochMicros): Block[] {
  const system = systemLogs(end);
  const watched = [...logs.errors, ...system.secure, ...system.exim, ...system.maillog].sort(
    (a, b) => a.at - b.at,
  );
  const blocks = runLfd(watched, lfdFacts(end));
  const found = blocks.map(({ address, trigger }) => `${address} ${trigger}`).sort();
  const wanted = [...EXPECTED.keys()].sort();
  if (found.join() !== wanted.join())
    throw new Error(`lfd blocked ${found.join(', ')} instead of ${wanted.join(', ')}`);
  for (const { address, at } of blocks) {
    if (COUNTRIES[address] === undefined) throw new Error(`no country for ${address}`);
    const late = logs.errors.find((line) => line.at > at && line.text.includes(`[client ${address}`));
    if (late !== undefined) throw new Error(`${address} was answered after its block: ${late.text}`);
  }
  return blocks.sort((a, b) => a.at - b.at);
}

/** csf.deny must be full, and must have lost the oldest block alone. */
function checkDeny(text: string, blocks: readonly Block[]): void {
  const entries = text.split('\n').filter((line) => line !== '' && !/^#|Include|do not delete/.test(line));
  if (entries.length !== Number(CSF_CONF.DENY_IP_LIMIT))
    throw new Error(`csf.deny has ${entries.length} entries instead of ${CSF_CONF.DENY_IP_LIMIT ?? 'none'}`);
  const lost = blocks.filter(
    ({ address, seconds }) => seconds === null && !entries.some((entry) => entry.startsWith(`${address} `)),
  );
  if (lost.map(({ address }) => address).join() !== DROPPED_CLIENT)
    throw new Error(`csf.deny has lost ${lost.map(({ address }) => address).join(', ')}`);
}

function logEntries(logs: RecordedLogs, end: EpochMicros): PackEntry[] {
  const errorsFrom = end - 30 * HOUR_MICROS;
  const domlogsFrom = end - 20 * HOUR_MICROS;
  const system = systemLogs(end);
  const names = ALL_VHOSTS.flatMap(({ servername }) => [servername, `${servername}-ssl_log`]);
  const access = ['access_log', ...names.map((name) => `domlogs/${name}`)].map((name) => {
    const path = `var/log/apache2/${name}`;
    return textEntry(path, joined(logs.access.get(path) ?? [], domlogsFrom, '\n'), 0o644);
  });
  return [
    ...access,
    textEntry('var/log/apache2/error_log', joined(logs.errors, errorsFrom, '\n'), 0o644),
    textEntry('var/log/apache2/modsec_audit.log', joined(logs.audit, errorsFrom, ''), 0o640),
    textEntry('var/log/secure', joined(system.secure, errorsFrom, '\n'), 0o600),
    textEntry('var/log/exim_mainlog', joined(system.exim, errorsFrom, '\n'), 0o640),
    textEntry('var/log/maillog', joined(system.maillog, errorsFrom, '\n'), 0o600),
  ];
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-demo-'));
  try {
    const endSeconds = Math.floor(Date.now() / 1000);
    const end = endSeconds * 1e6;
    const { logs, files } = await record(dir, allSteps(), end);
    const blocks = block(logs, end);
    const csfTexts = csfFiles(blocks, end, end - 30 * HOUR_MICROS);
    checkDeny(csfTexts['etc/csf/csf.deny'] ?? '', blocks);
    const csf = Object.entries(csfTexts).map(([path, text]) => textEntry(path, text, 0o600));
    const mails = blocks.map((one) =>
      textEntry(`mails/${EXPECTED.get(`${one.address} ${one.trigger}`) ?? ''}`, alertMail(one, CSF_CONF)),
    );
    const server: PackEntry[] = [
      ...files,
      ...logEntries(logs, end),
      ...csf,
      { path: 'etc/localtime', kind: 'raw', content: readFileSync(zoneFile(ZONE)) },
      { path: 'etc/apache2/logs', kind: 'link', target: '/var/log/apache2' },
    ];
    const bytes = pack(
      [...server.map((entry) => ({ ...entry, path: `root/${entry.path}` })), ...mails],
      endSeconds,
      ZONE,
    );
    mkdirSync(DEMO, { recursive: true });
    writeFileSync(join(DEMO, 'server.pack.br'), bytes);
    console.log(
      `demo/server.pack.br: ${bytes.length} bytes, ${server.length} files, ${blocks.length} blocks, ${allSteps().length} requests`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

await main();
