// Writes the copied server of some stories: accounts, Apache's logs, the files of the other services.
import { makeRoot, type TestRoot } from '../host/make-root.ts';
import { accessLine, auditRecord, errorLines, isRefused, type RawRequest, uniqueId } from './raw-lines.ts';
import { serviceFiles } from './service-files.ts';
import { CHROME, type Sent, type Story } from './story.ts';

interface Written {
  readonly at: number;
  readonly file: string;
  readonly text: string;
}

export interface Cast {
  readonly story: Story;
  readonly index: number;
  readonly start: number;
  readonly client: string;
  readonly site: string;
  readonly account: string;
}

export const SERVER_NAME = 'host.example.net';
const FIRST_START = Date.UTC(2026, 8, 20, 9, 0, 0);
/** Stories do not share a day, so that none is part of another one's campaign. */
const EVERY_MS = 26 * 3_600_000;
const ACCESS = '/var/log/apache2/access_log';
const ERROR = '/var/log/apache2/error_log';
const AUDIT = '/var/log/apache2/modsec_audit.log';

/** Gives each story its time, client and site. */
export function castOf(story: Story, index: number): Cast {
  const net = ['192.0.2', '198.51.100', '203.0.113'][index % 3] ?? '';
  return {
    story,
    index,
    start: FIRST_START + index * EVERY_MS,
    client: `${net}.${100 + Math.floor(index / 3)}`,
    site: `s${index}.example.com`,
    account: `acct${index}`,
  };
}

export function endOf({ story, start }: Cast): number {
  return start + Math.max(...story.sent.map((sent) => sent.at)) * 1000 + 5000;
}

/** Other sites of a story, by the letter behind the @; SITE stands for its own name. */
function siteFor(cast: Cast, host: string | undefined): string {
  if (host === undefined) return cast.site;
  return host.startsWith('@') ? `${host.slice(1)}${cast.index}.example.org` : host.replace('SITE', cast.site);
}

/** Each other visitor has its own /48; 8.1 and 8.2 are two in one net. */
function visitor(cast: Cast, who: number): string {
  const net = (0x1000 + cast.index * 32 + Math.floor(who)).toString(16);
  return `2001:db8:${net}::${Math.round((who % 1) * 10) + 1}`;
}

function rawOf(cast: Cast, sent: Sent): RawRequest {
  const host = siteFor(cast, sent.host);
  const hits = sent.hits ?? [];
  const body = sent.form === undefined ? (sent.body ?? null) : new URLSearchParams(sent.form).toString();
  const agent =
    sent.agent === undefined ? (cast.story.agent === undefined ? CHROME : cast.story.agent) : sent.agent;
  const headers: Record<string, string | null> = {
    Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language': 'sk-SK,sk;q=0.9,en;q=0.7',
    'Accept-Encoding': 'gzip, deflate, br',
    ...(sent.form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...(body === null ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...sent.headers,
  };
  return {
    at: cast.start + sent.at * 1000 + 0.25,
    client: sent.who === undefined ? cast.client : visitor(cast, sent.who),
    host,
    method: sent.method ?? 'GET',
    uri: sent.uri,
    status: sent.status ?? (isRefused(hits) ? 403 : 200),
    agent,
    referer: sent.referer?.replace('SITE', host) ?? null,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
    body,
    hits,
  };
}

export function requestsOf(cast: Cast): { readonly raw: RawRequest; readonly id: string }[] {
  return cast.story.sent.map((sent, nth) => {
    const raw = rawOf(cast, sent);
    return { raw, id: uniqueId(raw, nth) };
  });
}

/** Writes the server: its accounts and all logs that these stories do not leave out. */
export function writeServer(casts: readonly Cast[], messy: boolean): TestRoot {
  const root = makeRoot();
  root.folder('/var/log/apache2/domlogs');
  root.folder('/etc/apache2');
  root.link('/etc/apache2/logs', '/var/log/apache2');
  root.write('/etc/hostname', `${SERVER_NAME}\n`);
  root.write('/etc/userdatadomains', userdatadomains(casts));
  const first = casts[0];
  if (first === undefined || first.story.mail !== undefined) return root;
  const without = new Set(first.story.without ?? []);
  const lines = casts.flatMap(linesOf).filter(({ file }) => !without.has(sourceOf(file)));
  const begin = first.start - 45 * 86_400_000;
  const end = Math.max(...casts.map(endOf)) + 3_600_000;
  // Lines without a year are read by the time at which their file was last written.
  const ageMs = Date.now() - end;
  if (!without.has('error')) {
    lines.push({
      at: begin,
      file: ERROR,
      text: '[Thu Aug 06 09:00:00.000000 2026] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.66 configured -- resuming normal operations\n',
    });
  }
  if (!without.has('access')) {
    const check = {
      client: '192.0.2.250',
      host: SERVER_NAME,
      method: 'GET',
      uri: '/',
      status: 200,
      agent: 'UptimeCheck/2.1',
      referer: null,
      headers: [],
      body: null,
      hits: [],
    };
    for (const at of [begin, end])
      lines.push({ at, file: ACCESS, text: `${accessLine({ ...check, at })}\n` });
  }
  for (const [file, own] of Map.groupBy(lines, (line) => line.file)) {
    const inOrder = own.sort((a, b) => a.at - b.at);
    root.write(
      file,
      (messy ? mess(inOrder, sourceOf(file)) : inOrder).map((line) => line.text).join(''),
      ageMs,
    );
  }
  if (!without.has('facts')) serviceFiles(root, { begin, end }, casts.flatMap(extraOf));
  return root;
}

/**
 * Backwards and every third one twice; access lines are stamped with a request's begin and written at its end, so only
 * those of a minute change places.
 */
function mess(lines: readonly Written[], source: ReturnType<typeof sourceOf>): Written[] {
  const minute = ({ at }: Written): number => Math.floor(at / 60_000);
  if (source === 'access') return [...lines].sort((a, b) => minute(a) - minute(b) || b.at - a.at);
  return lines.flatMap((line, nth) => (nth % 3 === 0 ? [line, line] : [line])).reverse();
}

function sourceOf(file: string): 'error' | 'audit' | 'access' {
  if (file === ERROR) return 'error';
  return file === AUDIT ? 'audit' : 'access';
}

function linesOf(cast: Cast): Written[] {
  return requestsOf(cast).flatMap(({ raw, id }) => {
    const { at } = raw;
    const isSite = raw.host !== '' && raw.host !== SERVER_NAME && !/^[\d.:]+$/.test(raw.host);
    const file = isSite ? `/var/log/apache2/domlogs/${raw.host}` : ACCESS;
    const access = { at, file, text: `${accessLine(raw)}\n` };
    if (raw.hits.length === 0) return [access];
    return [
      access,
      {
        at,
        file: ERROR,
        text: errorLines(raw, id)
          .filter((line) => cast.story.quiet !== true || /: Access denied |\[id "980\d{3}"\]/.test(line))
          .map((line) => `${line}\n`)
          .join(''),
      },
      { at, file: AUDIT, text: auditRecord(raw, id) },
    ];
  });
}

function extraOf(cast: Cast): Written[] {
  return (cast.story.extra ?? []).map(({ file, at, line }) => {
    const when = cast.start + at * 1000;
    return { at: when, file, text: `${line(when, cast)}\n` };
  });
}

function userdatadomains(casts: readonly Cast[]): string {
  const owned = casts.flatMap((cast) => {
    const letters = cast.story.sent.flatMap(({ host }) => (host?.startsWith('@') === true ? [host] : []));
    const others = [...new Set(letters)].map((host) => [
      siteFor(cast, host),
      `${host.slice(1)}${cast.account}`,
    ]);
    return [[cast.site, cast.account], ...others];
  });
  return owned
    .map(
      ([site, account]) =>
        `${site}: ${account}==root==main==${site}==/home/${account}/public_html==192.0.2.80:80==192.0.2.80:443==\n`,
    )
    .join('');
}
