// Rewrites a list in place as csf does, in pieces with pauses, until FILE.stop is there: `node rewriter.ts FILE LINES`.
// Each whole version holds LINES entries or one more; it never holds fewer. Prints `from to` (epoch ms) of each time
// that the list was empty or cut for longer than it means to, because the machine was busy.
import { closeSync, existsSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const [file = '', count = '0'] = process.argv.slice(2);
const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

for (let round = 0; !existsSync(`${file}.stop`); round++) {
  const lines = Number(count) + (round % 2);
  const text = Array.from(
    { length: lines },
    (_, i) => `198.51.100.${String(i % 250)} # lfd: entry ${String(i)}\n`,
  ).join('');
  const fd = openSync(file, 'r+');
  const from = Date.now();
  ftruncateSync(fd, 0);
  pause(Math.random() * 50);
  const piece = Math.floor((text.length * Math.random()) / 8192) * 8192;
  // Half of the cuts are at the end of a line, where a cut list looks like a whole one.
  const cut = round % 2 === 0 ? piece : text.lastIndexOf('\n', piece) + 1;
  writeSync(fd, text.slice(0, cut), 0);
  pause(Math.random() * 50);
  writeSync(fd, text.slice(cut), cut);
  closeSync(fd);
  if (Date.now() - from > 150) process.stdout.write(`${String(from)} ${String(Date.now())}\n`);
  // Now and then it rests long enough to be read.
  pause(round % 3 === 0 ? 700 : Math.random() * 30);
}
