// A copied server with two programs that do the same and a scanner: which of the programs is somebody's own, no log tells.
import { accessLine, auditRecord, errorLines, type RawRequest, uniqueId } from './evidence/raw-lines.ts';
import { makeServer, type TestRoot } from './host/make-root.ts';

export const MONITOR = '198.51.100.20';
/** Does what the monitor does, from a network of its own. */
export const TWIN = '203.0.113.20';
export const SCANNER = '192.0.2.20';
const HOST = 'shop.example.com';
const START = Date.UTC(2026, 10, 22, 9, 0, 0);
const EVERY_MS = 60_000;
const ROUNDS = 12;

/** A report that a protocol rule refuses for its content type: no attack, and no browser either. */
function report(client: string, round: number): RawRequest {
  return {
    ...{ at: START + round * EVERY_MS + 0.25, client, host: HOST, method: 'POST', uri: '/api/report' },
    ...{ status: 403, agent: 'python-requests/2.32.3', referer: null, body: '{}' },
    headers: [
      ['Accept', '*/*'],
      ['Content-Type', 'application/csp-report'],
      ['Content-Length', '2'],
    ],
    hits: [{ rule: '920420', target: 'TX:content_type', value: '|application/csp-report|' }],
  };
}

function probe(path: string, nth: number): RawRequest {
  return {
    ...{ at: START + 3_600_000 + nth * 200 + 0.25, client: SCANNER, host: HOST, method: 'GET', uri: path },
    ...{ status: 403, agent: 'sqlmap/1.8.4', referer: null, body: null, headers: [['Accept', '*/*']] },
    hits: [{ rule: '942100', target: 'ARGS:id', value: "1' OR '1'='1", matched: 's&sos' }],
  };
}

/** Writes the logs; the newest line is an hour after the programs' first. */
export function markRoot(): TestRoot {
  const requests = [
    ...Array.from({ length: ROUNDS }, (_, round) => [report(MONITOR, round), report(TWIN, round)]).flat(),
    ...Array.from({ length: 10 }, (_, nth) =>
      probe(`/product.php?id=${encodeURIComponent("1' OR '1'='1")}&n=${nth}`, nth),
    ),
  ].toSorted((a, b) => a.at - b.at);
  const known = requests.map((request, nth) => ({ request, id: uniqueId(request, nth) }));
  const root = makeServer();
  const write = (path: string, lines: readonly string[]): void => {
    root.write(path, `${lines.join('\n')}\n`);
  };
  write(
    '/var/log/apache2/error_log',
    known.flatMap(({ request, id }) => errorLines(request, id)),
  );
  write(
    '/var/log/apache2/modsec_audit.log',
    known.map(({ request, id }) => auditRecord(request, id)),
  );
  write(`/var/log/apache2/domlogs/${HOST}`, requests.map(accessLine));
  root.write('/etc/csf/csf.deny', '# nobody\n');
  root.write('/etc/csf/csf.allow', '# nobody\n');
  root.write('/etc/csf/csf.ignore', '# nobody\n');
  return root;
}
