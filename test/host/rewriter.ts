// Rewrites a list in place as csf does, in pieces with pauses, until it is ended: `node rewriter.ts FILE LINES [flock]`.
// Each whole version holds LINES entries or one more; it never holds fewer.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const [file = '', count = '0'] = process.argv.slice(2);
const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

for (let round = 0; ; round++) {
  const lines = Number(count) + (round % 2);
  const text = Array.from(
    { length: lines },
    (_, i) => `198.51.100.${String(i % 250)} # lfd: entry ${String(i)}\n`,
  ).join('');
  const fd = openSync(file, 'r+');
  ftruncateSync(fd, 0);
  pause(Math.random() * 60);
  const cut = Math.floor((text.length * Math.random()) / 8192) * 8192;
  writeSync(fd, text.slice(0, cut), 0);
  pause(Math.random() * 60);
  writeSync(fd, text.slice(cut), cut);
  closeSync(fd);
  // Now and then it rests long enough to be read.
  pause(round % 3 === 0 ? 700 : Math.random() * 30);
}
