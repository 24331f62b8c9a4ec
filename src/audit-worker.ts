// The helper thread of audit-helper.ts: audit bytes in, a batch as JSON out (cheaper to hand over than objects).
import { parentPort, workerData } from 'node:worker_threads';
import { readAuditBatch } from './actions/ingest-audit.ts';
import type { AuditAsk, AuditReply } from './audit-helper.ts';
import { keyedHash } from './keyed-hash.ts';

if (parentPort === null) throw new Error('audit-worker.ts runs only as a worker thread');
const port = parentPort;
const hash = keyedHash(workerData as string);

port.on('message', ({ id, job }: AuditAsk) => {
  port.postMessage({ id, batch: JSON.stringify(readAuditBatch(job, hash)) } satisfies AuditReply);
});
