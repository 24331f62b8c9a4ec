// Sends one HTTP request to the bed as raw bytes over loopback, so that hostile ones can be sent too.
import { connect } from 'node:net';

/** A request; every text is taken as latin1, one byte a character, and nothing is escaped or checked. */
export interface BedRequest {
  /** Host header; the bare address of the server for the default vhost. */
  readonly host: string;
  /** Request target with its query, as it goes on the wire. */
  readonly path: string;
  readonly method?: string;
  /** Address that Apache shall take for the client's (X-Forwarded-For); 127.0.0.1 without. */
  readonly client?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** True sends it to the port that stands for 443. */
  readonly tls?: boolean;
}

export interface BedResponse {
  readonly status: number;
  /** Lower-case names; of repeated headers the last one stays. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_MS = 10_000;

function wire(request: BedRequest): Buffer {
  const body = typeof request.body === 'string' ? Buffer.from(request.body, 'latin1') : request.body;
  const headers: Record<string, string> = { Host: request.host, ...request.headers };
  if (request.client !== undefined) headers['X-Forwarded-For'] = request.client;
  if (body !== undefined) {
    headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
    headers['Content-Length'] ??= String(body.length);
  }
  headers.Connection = 'close';
  const method = request.method ?? (body === undefined ? 'GET' : 'POST');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, body]);
}

function readResponse(bytes: Buffer): BedResponse {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...rest] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  const headers: Record<string, string> = {};
  for (const line of rest) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status, headers, body: end < 0 ? '' : text.slice(end + 4) };
}

/**
 * Sends one request to 127.0.0.1 and reads the answer to its end. Status 0: the server closed without one.
 * Throws when the connection fails or nothing comes for ten seconds.
 */
export async function sendRaw(port: number, request: BedRequest): Promise<BedResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(TIMEOUT_MS, () =>
      socket.destroy(new Error(`no answer for ${TIMEOUT_MS} ms: ${request.path}`)),
    );
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      resolve(readResponse(Buffer.concat(chunks)));
    });
    socket.write(wire(request));
  });
}
