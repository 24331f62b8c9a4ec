// A log as blocks of whole lines: nothing is lost between them, and a line of any length takes bounded memory.
import { fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { giveBack, readBlocks } from '../../src/host/read-blocks.ts';
import type { LogSource } from '../../src/host/read.ts';
import { tempDir } from './make-root.ts';

const dir = tempDir();
let count = 0;

function written(content: Buffer): LogSource {
  const file = join(dir, String(count++));
  writeFileSync(file, content);
  return {
    path: file,
    open() {
      const fd = openSync(file, 'r');
      return { problem: null, fd, stats: fstatSync(fd) };
    },
  };
}

interface Read {
  readonly text: string;
  readonly long: { readonly offset: number; readonly next: number; readonly kept: number }[];
}

/** All blocks put together, long lines named; their memory is given back as the ingest does. */
async function read(log: LogSource, from: number, longest: number): Promise<Read> {
  let text = '';
  let at = from;
  const long: Read['long'] = [];
  for await (const block of readBlocks(log, from, longest)) {
    expect(block.offset).toBe(at);
    at = block.next;
    if (block.long) long.push({ offset: block.offset, next: block.next, kept: block.bytes.length });
    else text += block.bytes.toString('latin1');
    giveBack(block.bytes.buffer);
  }
  return { text, long };
}

const line = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => text.replaceAll('\n', ' ')),
  fc.integer({ min: 200_000, max: 900_000 }).map((length) => 'x'.repeat(length)),
);

test('plain or packed, from any line on, the blocks are the text up to its last newline', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.string({ maxLength: 9 }),
      fc.nat(8),
      fc.boolean(),
      async (lines, end, skip, isPacked) => {
        const rest = end.replaceAll('\n', '');
        const whole = Buffer.from(lines.map((one) => `${one}\n`).join('') + rest, 'latin1');
        const from = lines.slice(0, skip).reduce((sum, one) => sum + one.length + 1, 0);
        const log = written(isPacked ? gzipSync(whole) : whole);
        if (whole.length === 0) return;
        const { text, long } = await read(log, from, 1024 * 1024);
        expect(long).toEqual([]);
        expect(
          text === whole.subarray(from, whole.length - Buffer.byteLength(rest, 'latin1')).toString('latin1'),
        ).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('a line of many MiB is passed over with its beginning, the lines around it are read', async () => {
  const monster = 'y'.repeat(9 * 1024 * 1024);
  for (const pack of [(bytes: Buffer) => bytes, gzipSync]) {
    const log = written(pack(Buffer.from(`one\n${monster}\ntwo\n`)));
    const { text, long } = await read(log, 0, 1024 * 1024);
    expect(text).toBe('one\ntwo\n');
    expect(long).toEqual([{ offset: 4, next: 4 + monster.length + 1, kept: 1024 }]);
  }
});

test('a monster that has no end yet gives nothing: it is looked at again when there is more', async () => {
  const log = written(Buffer.from(`one\n${'z'.repeat(3 * 1024 * 1024)}`));
  expect(await read(log, 0, 1024 * 1024)).toEqual({ text: 'one\n', long: [] });
});
