// The helper thread of read-helper.ts: bytes of logs in, a batch as JSON out (cheaper to hand over than objects).
import { parentPort, workerData } from 'node:worker_threads';
import { keyedHash } from './keyed-hash.ts';
import { memoryOf, type ReadAsk, readJob, type ReadReply } from './read-helper.ts';

if (parentPort === null) throw new Error('read-worker.ts runs only as a worker thread');
const port = parentPort;
const hash = keyedHash(workerData as string);

port.on('message', ({ id, job }: ReadAsk) => {
  const batch = JSON.stringify(readJob(job, hash));
  port.postMessage({ id, batch, memory: job.bytes.buffer } satisfies ReadReply, memoryOf(job));
});
