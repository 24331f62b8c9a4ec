// Logs that no server should have to read, with ordinary transactions before and behind the monster.
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_LOG, ERROR_LOG, makeRoot } from '../bench/ingest-logs.ts';
import { type Transaction, transactions } from '../bench/ingest-transactions.ts';
import { auditWriter, errorTime, errorWriter } from '../bench/ingest-writers.ts';

const MIB = 1024 * 1024;
const PIECE = 4 * MIB;
/** Longer than any line or record but the monsters. */
const LONGEST = 64 * 1024;
/** Ordinary transactions before the monster, and as many behind it. */
const ORDINARY = 300;
const GAP_MS = 22_000;

/** How big the monsters are. */
export interface LoadSize {
  readonly bodyBytes: number;
  readonly lineBytes: number;
  readonly floodLines: number;
  readonly addresses: number;
}

export const LOAD: LoadSize = {
  bodyBytes: 2048 * MIB,
  lineBytes: 1e9,
  floodLines: 10_000_000,
  addresses: 1_000_000,
};
export const LOAD_SMALL: LoadSize = {
  bodyBytes: 96 * MIB,
  lineBytes: 32e6,
  floodLines: 100_000,
  addresses: 10_000,
};

/** A copied server with one monster. */
export interface Load {
  readonly name: string;
  /** What is in its logs, for the report. */
  readonly what: string;
  /** Bytes that it takes on the disk, with the database that is made of it. */
  readonly room: number;
  /** Writes the server with the logs as they are before the monster. */
  readonly write: (root: string) => Written;
}

export interface Written {
  /** Sizes of the whole logs by their paths below the root. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The ordinary transactions in them. */
  readonly ordinary: readonly string[];
  /** Puts the whole logs, which begin as the others do, in their places. */
  readonly appear: () => void;
}

/** A log: its path, the seed of its ordinary transactions, how they are written, and the monster. */
interface Plan {
  readonly log: string;
  readonly seed: number;
  readonly text: (one: Transaction) => string;
  readonly monster: (file: Pieces, at: number) => void;
}

/** The four of a size. */
export function loads({ bodyBytes, lineBytes, floodLines, addresses }: LoadSize): Load[] {
  const errorLog = (monster: Plan['monster']): Plan => ({
    log: ERROR_LOG,
    seed: 1,
    text: errorWriter(1),
    monster,
  });
  const audit = (text: Plan['text'], monster: Plan['monster']): Plan => ({
    log: AUDIT_LOG,
    seed: 2,
    text,
    monster,
  });
  return [
    {
      name: 'record',
      what: `an audit record with a body of ${Math.round(bodyBytes / MIB)} MiB, half of it lines, half of it NUL`,
      room: bodyBytes,
      write: writer(() => [
        audit(auditWriter(2), (file) => {
          bigRecord(file, bodyBytes);
        }),
      ]),
    },
    {
      name: 'line',
      what: `an error_log and an audit log of JSON, each with a line of ${lineBytes / 1e6} MB`,
      room: 2 * lineBytes,
      write: writer(() => [
        errorLog((file, at) => {
          bigLine(file, errorLine(at, FLOODER, 'big').split('"x"'), lineBytes);
        }),
        audit(jsonRecord, (file, at) => {
          bigLine(file, jsonRecord(bigOne(at)).split('BODY'), lineBytes);
        }),
      ]),
    },
    {
      name: 'flood',
      what: `${floodLines} ModSecurity lines from one address, two a transaction`,
      room: floodLines * 700,
      write: writer(() => [
        errorLog((file, at) => {
          flood(file, at, floodLines / 2, () => FLOODER);
        }),
      ]),
    },
    {
      name: 'addresses',
      what: `${addresses} addresses, each with a transaction of two lines`,
      room: addresses * 10_000,
      write: writer(() => [
        errorLog((file, at) => {
          flood(file, at, addresses, anyAddress);
        }),
      ]),
    },
  ];
}

const FLOODER = '2001:db8:f100:d::1';

/** A different one for each number below 2^32, each in a network of its own. */
function anyAddress(number: number): string {
  return `2001:db8:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}::1`;
}

/** A file that is written in large pieces. */
class Pieces {
  readonly #fd: number;
  readonly #piece = Buffer.allocUnsafe(PIECE);
  #used = 0;
  #bytes = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  add(text: string): void {
    this.#used += this.#piece.write(text, this.#used, 'latin1');
    if (this.#used > PIECE - LONGEST) this.#flush();
  }

  /** The same bytes so many times. */
  repeat(bytes: Buffer, times: number): void {
    this.#flush();
    for (let time = 0; time < times; time++)
      this.#bytes += writeSync(this.#fd, bytes, 0, bytes.length, this.#bytes);
  }

  /** NUL bytes that take no room on the disk. */
  hole(bytes: number): void {
    this.#flush();
    this.#bytes += bytes;
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    this.#bytes += writeSync(this.#fd, this.#piece, 0, this.#used, this.#bytes);
    this.#used = 0;
  }
}

/** Of each log the beginning is written in its place, the whole of it below `<root>-whole`. */
function writer(plans: () => readonly Plan[]): Load['write'] {
  return (root) => {
    const whole = makeRoot(`${root}-whole`);
    makeRoot(root);
    const ordinary: string[] = [];
    const sizes = new Map<string, number>();
    for (const { log, seed, text, monster } of plans()) {
      const files = [new Pieces(join(root, log)), new Pieces(join(whole, log))] as const;
      let count = 0;
      for (const one of transactions(seed, GAP_MS)) {
        const written = text(one);
        if (count < ORDINARY) files[0].add(written);
        files[1].add(written);
        ordinary.push(one.uniqueId);
        if (++count === ORDINARY) monster(files[1], one.at);
        if (count === 2 * ORDINARY) break;
      }
      for (const file of files) file.close();
      sizes.set(log, statSync(join(whole, log)).size);
    }
    const appear = (): void => {
      for (const log of sizes.keys()) renameSync(join(whole, log), join(root, log));
      rmSync(whole, { recursive: true });
    };
    return { sizes, ordinary, appear };
  };
}

const RULE = '[file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/a.conf"] [line "1"]';

/** One line of a warned request; `"x"` in it is what the operator looked for. */
function errorLine(at: number, client: string, id: string): string {
  return `[${errorTime(at)}] [security2:error] [pid 7:tid 8] [client ${client}:0] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:q. ${RULE} [id "942100"] [msg "m"] [data "d"] [severity "CRITICAL"] [hostname "a.example.com"] [uri "/q"] [unique_id "${id.padStart(24, 'L')}"]\n`;
}

function deniedLine(at: number, client: string, id: string): string {
  return `[${errorTime(at)}] [security2:error] [pid 7:tid 8] [client ${client}:0] [client ${client}] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. ${RULE} [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [hostname "a.example.com"] [uri "/q"] [unique_id "${id.padStart(24, 'L')}"]\n`;
}

/** Transactions within one hour, of the address that a number gives. */
function flood(file: Pieces, from: number, count: number, client: (number: number) => string): void {
  for (let number = 0; number < count; number++) {
    const at = from + (number * 3_600_000) / count;
    const who = client(number);
    const id = number.toString(36);
    file.add(errorLine(at, who, id));
    file.add(deniedLine(at + 0.2, who, id));
  }
}

/** A line whose middle is filled up to its length. */
function bigLine(file: Pieces, [front = '', end = '']: readonly string[], bytes: number): void {
  file.add(front);
  file.repeat(Buffer.alloc(MIB, 'A'), Math.floor(bytes / MIB));
  file.add(end);
}

const BOUNDARY = '0badb0d1';

/** A record of a refused POST; lines of its body look like boundaries of other records, as anybody may send. */
function bigRecord(file: Pieces, bodyBytes: number): void {
  const half = Math.floor(bodyBytes / 2 / MIB);
  file.add(`--${BOUNDARY}-A--
[01/Nov/2026:12:00:00.000000 +0000] ${'big'.padStart(24, 'L')} ${FLOODER} 4711 192.0.2.80 443
--${BOUNDARY}-B--
POST /upload.php HTTP/1.1
Host: a.example.com
Content-Type: application/x-www-form-urlencoded
Content-Length: ${2 * half * MIB}

--${BOUNDARY}-C--
`);
  const line = `${'text=lorem+ipsum&'.repeat(59)}\n--deadbeef-Z--\n`;
  const lines = Buffer.alloc(MIB, line, 'latin1');
  lines[MIB - 1] = 0x0a;
  file.repeat(lines, half);
  file.hole(half * MIB);
  file.add(`
--${BOUNDARY}-F--
HTTP/1.1 403 Forbidden

--${BOUNDARY}-H--
Message: Access denied with code 403 (phase 1). Operator GT matched 1 at REQUEST_HEADERS:Content-Length. ${RULE} [id "200009"] [msg "Too long"] [severity "CRITICAL"]
Action: Intercepted (phase 1)
Server: Apache
Engine-Mode: "ENABLED"

--${BOUNDARY}-Z--

`);
}

/** A transaction whose body, in JSON, is the word BODY. */
function bigOne(at: number): Transaction & { readonly body: string } {
  const [one] = transactions(1, GAP_MS);
  if (one === undefined) throw new Error('transactions never end');
  return { ...one, at, client: FLOODER, uniqueId: 'json'.padStart(24, 'L'), body: 'BODY' };
}

/** A record as SecAuditLogFormat JSON of ModSecurity 2.9 writes it, one line. */
function jsonRecord(one: Transaction & { readonly body?: string }): string {
  const time = new Date(one.at).toUTCString().split(' ');
  const fraction = String(Math.floor((one.at % 1000) * 1000)).padStart(6, '0');
  const isPost = one.request.method === 'POST';
  return `${JSON.stringify({
    transaction: {
      time: `${time[1]}/${time[2]}/${time[3]}:${time[4]}.${fraction} +0000`,
      transaction_id: one.uniqueId,
      remote_address: one.client,
      remote_port: 4711,
      local_address: '192.0.2.80',
      local_port: 443,
    },
    request: {
      request_line: `${one.request.method} ${one.path} HTTP/1.1`,
      headers: { Host: one.vhost, 'User-Agent': one.browser },
      ...(one.body !== undefined || isPost
        ? { body: [one.body ?? `q=${encodeURIComponent(one.value)}`] }
        : {}),
    },
    response: { protocol: 'HTTP/1.1', status: one.denied ? 403 : 200, headers: {} },
    audit_data: {
      messages: one.messages,
      ...(one.denied ? { action: { intercepted: true, phase: 2, message: 'Operator GE matched 5' } } : {}),
      stopwatch: { p1: 1, p2: 2, p3: 0, p4: 0, p5: 1, sr: 0, sw: 0, l: 0, gc: 0 },
      producer: ['ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/)', 'OWASP_CRS/3.3.4'],
      server: 'Apache',
      engine_mode: 'ENABLED',
    },
  })}\n`;
}
