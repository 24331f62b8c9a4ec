// Builds an index in a process of its own, which may be forbidden to write big files: `node block-limited.ts FOLDER LOG`.
// Prints the problem, or `done`.
import { fstatSync, openSync } from 'node:fs';
import { BlockBuilder } from '../../src/host/block-builder.ts';
import { ReadProblem } from '../../src/host/problems.ts';
import { openLog } from '../../src/host/read.ts';
import { accessLineTime } from '../../src/parse/access-log.ts';

const [folder = '', path = ''] = process.argv.slice(2);
const source = {
  path,
  open() {
    const fd = openSync(path, 'r');
    return { problem: null, fd, stats: fstatSync(fd) } as const;
  },
};
const builder = new BlockBuilder(folder, {
  open: () => openLog(source),
  kind: 'access',
  timeOf: accessLineTime,
});
try {
  while (!(await builder.step(Infinity)).done);
  process.stdout.write('done');
} catch (error) {
  process.stdout.write(error instanceof ReadProblem ? error.problem : 'another error');
}
