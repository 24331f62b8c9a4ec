// Asks our own service for its first page, as the WHM bridge does.
import { request } from 'node:http';

const SERVICE_MS = 20_000;

/** What our service answers on its socket. */
export interface ServiceLook {
  readonly status: number | null;
  readonly problem: string | null;
  readonly ms: number;
}

/** Never rejects: without an answer `problem` says why. */
export function askService(socketPath: string): Promise<ServiceLook> {
  const started = performance.now();
  const headers = {
    Host: 'whyblocked',
    Connection: 'close',
    'X-WB-User': 'root',
    'X-WB-Addr': '127.0.0.1',
    'X-WB-Token': '/cpsess0000000000',
    'X-WB-Root': '1',
  };
  return new Promise((resolve) => {
    const end = (status: number | null, problem: string | null): void => {
      resolve({ status, problem, ms: Math.round(performance.now() - started) });
    };
    const asked = request({ socketPath, path: '/index.cgi', headers, timeout: SERVICE_MS }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        end(answer.statusCode ?? null, null);
      });
    });
    asked.once('timeout', () => {
      asked.destroy();
      end(null, `no answer within ${SERVICE_MS / 1000} s`);
    });
    asked.once('error', (error: NodeJS.ErrnoException) => {
      end(null, error.code ?? error.message);
    });
    asked.end();
  });
}
