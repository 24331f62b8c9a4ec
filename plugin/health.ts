// Asks the service for its first page as the WHM bridge does: health.ts SOCKET. Ends with 0 when the page comes.
import { askService } from '../src/host/ask-service.ts';

const [socketPath = ''] = process.argv.slice(2);
const { status, problem } = await askService(socketPath);
if (status !== 200) {
  process.stderr.write(`${socketPath}: ${problem ?? `status ${status ?? 0}`}\n`);
  process.exitCode = 1;
}
