// `whyblocked login`: asks the running service, over its socket, for a link that signs in once.
import { request } from 'node:http';
import { Refused } from './actions/errors.ts';
import { LOGIN_PATH, type LoginAnswer } from './login-door.ts';

const LONGEST = 64 * 1024;
const PATIENCE_MS = 10_000;
const LINK = /^http:\/\/127\.0\.0\.1:\d{1,5}\/[\x21-\x7e]{1,500}$/;

function ask(socketPath: string, who: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-WB-User': who, Connection: 'close', 'Content-Length': 0 };
    const asked = request(
      { socketPath, path: LOGIN_PATH, method: 'POST', headers, timeout: PATIENCE_MS },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text = (text + part).slice(0, LONGEST);
        });
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, text });
        });
        answer.on('error', reject);
      },
    );
    asked.on('timeout', () => {
      asked.destroy(new Error('it did not answer in time'));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function unreachable(socket: string, error: NodeJS.ErrnoException): Refused {
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new Refused(`Only root can ask for a link: the socket ${socket} is private.`);
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return new Refused(`No service answers on ${socket}. Start it: systemctl start whyblocked`);
  return new Refused(`The service on ${socket} could not be asked: ${error.message}.`);
}

function readAnswer(text: string): Partial<LoginAnswer> & { readonly problem?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The text that `whyblocked login` prints: the link, and the tunnel that leads to it. Throws Refused with one sentence. */
export async function loginText(socket: string, who: string): Promise<string> {
  const { status, text } = await ask(socket, who).catch((error: unknown) => {
    throw unreachable(socket, error as NodeJS.ErrnoException);
  });
  const { link, port, host, minutes, problem } = readAnswer(text);
  if (typeof problem === 'string') throw new Refused(`The service gave no link: ${problem}`);
  if (status !== 200 || typeof link !== 'string' || !LINK.test(link))
    throw new Refused(
      'This service makes no links: it signs in through WHM. Open Whyblocked there, or start the service with --login.',
    );
  return [
    'On your own computer, open a tunnel to this server:',
    '',
    `  ssh -L ${Number(port)}:127.0.0.1:${Number(port)} root@${String(host)}`,
    '',
    `and then this link, once, within ${Number(minutes)} minutes:`,
    '',
    `  ${link}`,
    '',
    'The port is closed again when nobody has used it for 15 minutes.',
    '',
  ].join('\n');
}
