// Asks a vhost on this machine for its front page, the way a monitor would: to see that it answers as before.
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';

const LIMIT_MS = 15_000;

/** Where Apache listens for a kind of vhost. */
export interface ProbePoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/**
 * The status of `GET /` with this vhost's name, sent to an address of this machine; null without an answer in 15 s. The
 * body is not read. The certificate is not looked at: the vhost is asked by its name on our own machine.
 */
export function probeVhost(vhost: string, { host, port, tls }: ProbePoint): Promise<number | null> {
  const options: RequestOptions = {
    host,
    port,
    path: '/',
    method: 'GET',
    agent: false,
    timeout: LIMIT_MS,
    headers: {
      Host: vhost,
      'User-Agent': 'Whyblocked (checks that this site answers as before)',
      Accept: '*/*',
      Connection: 'close',
    },
  };
  return new Promise((resolve) => {
    const send = tls
      ? tlsRequest({ ...options, servername: vhost, rejectUnauthorized: false })
      : plainRequest(options);
    const end = (status: number | null): void => {
      send.destroy();
      resolve(status);
    };
    send.once('response', (response) => {
      response.on('error', () => undefined);
      end(response.statusCode ?? null);
    });
    send.on('error', () => {
      end(null);
    });
    send.once('timeout', () => {
      end(null);
    });
    send.end();
  });
}
