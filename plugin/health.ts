// Asks the service for its first page as the WHM bridge does: health.ts SOCKET. Ends with 0 when the page comes.
import { request } from 'node:http';

const [socketPath = ''] = process.argv.slice(2);
const headers = {
  Host: 'whyblocked',
  Connection: 'close',
  'X-WB-User': 'root',
  'X-WB-Addr': '127.0.0.1',
  'X-WB-Token': '/cpsess0000000000',
  'X-WB-Root': '1',
};

function end(problem: string | null): void {
  if (problem !== null) process.stderr.write(`${problem}\n`);
  process.exit(problem === null ? 0 : 1);
}

request({ socketPath, path: '/index.cgi', headers, timeout: 20_000 }, (answer) => {
  answer.resume();
  answer.once('end', () => {
    end(answer.statusCode === 200 ? null : `status ${answer.statusCode ?? 0} from ${socketPath}`);
  });
})
  .once('timeout', () => {
    end(`no answer from ${socketPath} within 20 s`);
  })
  .once('error', (error: NodeJS.ErrnoException) => {
    end(`${socketPath}: ${error.code ?? error.message}`);
  })
  .end();
