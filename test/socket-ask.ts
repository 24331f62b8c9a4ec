// Requests over the service's Unix socket, as the WHM bridge sends them.
import { request, type IncomingHttpHeaders } from 'node:http';

/** The headers of WHM's bridge for a user with root's rights. */
export const BRIDGE = {
  'X-WB-User': 'root',
  'X-WB-Addr': '192.0.2.7',
  'X-WB-Token': '/cpsess0123456789',
  'X-WB-Root': '1',
} as const;

export interface SocketAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over a socket. With a form it is a POST. Without `headers` it comes from a user with root's rights. */
export function ask(
  socketPath: string,
  path: string,
  { form, headers = BRIDGE }: { form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<SocketAnswer> {
  const body = form === undefined ? null : new URLSearchParams(form).toString();
  const about =
    body === null
      ? {}
      : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) };
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath,
        path,
        method: body === null ? 'GET' : 'POST',
        headers: { Host: 'whm.example.com:2087', Connection: 'close', ...headers, ...about },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body ?? undefined);
  });
}
