// The transactions that the generated ModSecurity logs tell of: clients in bursts, by time and without end.
import { type BenchRequest, type BenchRule, REQUESTS } from './ingest-requests.ts';
import { random, type Random, ranks } from './random.ts';
import { BROWSERS, clientTail, WORDS } from './traffic.ts';

const HOUR = 3_600_000;
const RULES = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules';
/** ModSecurity 2.9 cuts a message here, in the middle of a field. */
const MESSAGE_ROOM = 1015;
/** Nothing happened before. */
export const FROM = Date.parse('2026-10-21T00:00:00Z');

/** A request as ModSecurity saw it. */
export interface Transaction {
  readonly at: number;
  readonly client: string;
  readonly browser: string;
  readonly vhost: string;
  readonly uniqueId: string;
  readonly request: BenchRequest;
  readonly path: string;
  readonly value: string;
  /** What its rules say, as the audit log has it: the last one is 980130's where the request was refused. */
  readonly messages: readonly string[];
  readonly denied: boolean;
}

/** Somebody who sends several requests one after the other. */
interface Session {
  readonly client: string;
  readonly browser: string;
  readonly vhost: string;
  readonly requests: readonly BenchRequest[];
  left: number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@-';
const KINDS = { person: ofKind('person'), scanner: ofKind('scanner') };

function ofKind(by: BenchRequest['by']): BenchRequest[] {
  return REQUESTS.filter((request) => request.by === by);
}

/** The transactions of a seed, by time and without end: clients come in bursts, some of them side by side. */
export function* transactions(seed: number, gapMs: number): Generator<Transaction> {
  const world = random(seed, 'ingest world');
  const clients = clientTail(world);
  const clientRank = ranks(clients.length, 20);
  const vhosts = Array.from(
    { length: 400 },
    (_, i) => `${world.pick(WORDS)}${i}.example.${world.pick(['com', 'net', 'org'])}`,
  );
  const vhostRank = ranks(vhosts.length, 5);
  const rng = random(seed, 'ingest transactions');
  const session = (): Session => {
    const isPerson = rng.chance(0.85);
    const requests = KINDS[isPerson ? 'person' : 'scanner'];
    return {
      client: clients[clientRank(rng)]!,
      browser: rng.pick(BROWSERS),
      vhost: vhosts[vhostRank(rng)]!,
      requests: isPerson ? [rng.pick(requests)] : requests,
      left: isPerson ? rng.int(1, 4) : rng.int(20, 80),
    };
  };
  // So many at once that one who goes on is not silent for long.
  const open = Array.from({ length: Math.min(64, Math.max(2, Math.round(100_000 / gapMs))) }, session);
  let at = FROM;
  for (;;) {
    const busy = 1 + 0.6 * Math.sin((((at / HOUR) % 24) - 9) * (Math.PI / 12));
    at += (-Math.log(1 - rng.next()) * gapMs) / busy;
    const index = rng.int(0, open.length - 1);
    const one = open[index]!;
    yield transaction(rng, Math.floor(at * 1000) / 1000, one);
    one.left--;
    if (one.left === 0) open[index] = session();
  }
}

function transaction(rng: Random, at: number, { client, browser, vhost, requests }: Session): Transaction {
  const request = rng.pick(requests);
  const number = String(rng.int(1, 9999));
  const fill = (text: string): string =>
    text.replaceAll('{n}', number).replace(/\{w\}/g, () => rng.pick(WORDS));
  const value = fill(request.value);
  const path = request.target === 'REQUEST_FILENAME' ? value : fill(request.path);
  const hits = request.hits.map(([rule, matched]) => ({ rule, matched: matched.replaceAll('{n}', number) }));
  const points = hits.reduce((sum, { rule }) => sum + rule.points, 0);
  const warnings = hits.map(({ rule, matched }) =>
    warning(rule, request.target, `${matched} found within ${request.target}: ${value}`),
  );
  return {
    at,
    client,
    browser: request.target === 'REQUEST_HEADERS:User-Agent' ? value : browser,
    vhost,
    uniqueId: uniqueId(rng, at),
    request,
    path,
    value,
    messages:
      points < 5
        ? warnings
        : [
            ...warnings,
            refusal(points),
            summary(
              points,
              hits.map(({ rule }) => rule),
            ),
          ],
    denied: points >= 5,
  };
}

/** Its first six characters are the second, as mod_unique_id writes it. */
function uniqueId(rng: Random, at: number): string {
  const seconds = Math.floor(at / 1000);
  const digits = [26, 20, 14, 8, 2].map((shift) => (seconds >>> shift) & 63);
  const drawn = Array.from({ length: 16 }, () => rng.int(0, 63));
  const letters = (numbers: readonly number[]): string => numbers.map((n) => ALPHABET.charAt(n)).join('');
  return `${letters([...digits, (seconds << 4) & 63, ...drawn])}AAA${letters([rng.int(0, 63), rng.int(0, 63)])}`;
}

function tags(names: readonly string[]): string {
  return names.map((name) => ` [tag "${name}"]`).join('');
}

function cut(message: string): string {
  return message.slice(0, MESSAGE_ROOM);
}

function warning(rule: BenchRule, target: string, quoted: string): string {
  const data = `Matched Data: ${quoted}`.replaceAll('"', String.raw`\x22`);
  const severity = rule.points === 5 ? 'CRITICAL' : 'WARNING';
  const where = rule.op.startsWith('detected') ? '' : ` at ${target}.`;
  return cut(
    `Warning. ${rule.op}${where} [file "${RULES}/${rule.file}"] [line "${rule.line}"] [id "${rule.id}"] [msg "${rule.msg}"] [data "${data}"] [severity "${severity}"] [ver "OWASP_CRS/3.3.4"]${tags(rule.tags)}`,
  );
}

function refusal(points: number): string {
  const attack = ['application-multi', 'language-multi', 'platform-multi', 'attack-generic'];
  return `Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "${RULES}/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: ${points})"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"]${tags(attack)}`;
}

function summary(points: number, rules: readonly BenchRule[]): string {
  const of = (score: BenchRule['score']): number =>
    rules.reduce((sum, rule) => sum + (rule.score === score ? rule.points : 0), 0);
  const scores = `SQLI=${of('SQLI')},XSS=${of('XSS')},RFI=0,LFI=${of('LFI')},RCE=${of('RCE')},PHPI=${of('PHPI')},HTTP=0,SESS=0`;
  return `Warning. Operator GE matched 5 at TX:inbound_anomaly_score. [file "${RULES}/RESPONSE-980-CORRELATION.conf"] [line "92"] [id "980130"] [msg "Inbound Anomaly Score Exceeded (Total Inbound Score: ${points} - ${scores}): individual paranoia level scores: ${points}, 0, 0, 0"] [ver "OWASP_CRS/3.3.4"] [tag "event-correlation"]`;
}
