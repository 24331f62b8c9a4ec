// ripgrep on parts of logs: what it finds, where, and what happens when it or the log ends early.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GrepLine, Piece } from '../../src/host/grep.ts';
import { grep } from '../../src/host/grep.ts';
import { LineSplitter } from '../../src/host/grep-output.ts';
import { matchSpans, pickLines } from '../../src/host/grep-lines.ts';
import { checkPattern, type Pattern, PatternProblem } from '../../src/host/ripgrep.ts';
import { SearchFile } from '../../src/host/search-file.ts';
import { linesAround } from '../../src/host/lines-around.ts';
import { linesWith } from '../../src/host/direct-lines.ts';
import { makeRoot } from './make-root.ts';

const LOG = '/etc/apache2/logs/access_log';
const SIGNAL = new AbortController().signal;
const pattern = (text: string, more: Partial<Pattern> = {}): Pattern => ({
  text,
  pcre: false,
  ignoreCase: false,
  invert: false,
  unicode: false,
  ...more,
});

function open(content: string | Buffer, name = LOG): SearchFile {
  const root = makeRoot();
  root.write(name, content);
  const host = root.host();
  const log = host.searchLogAt(name);
  return new SearchFile(log, host.openSearchLog(log));
}

async function found(
  pieces: readonly Piece[],
  wanted: Pattern,
  more: { signal?: AbortSignal; each?: () => void } = {},
): Promise<GrepLine[]> {
  const lines: GrepLine[] = [];
  const job = {
    pieces,
    pattern: wanted,
    signal: more.signal ?? SIGNAL,
    onRead: () => undefined,
    onProblem: () => undefined,
  };
  for await (const batch of grep(job)) {
    lines.push(...batch.lines);
    more.each?.();
  }
  return lines;
}

/** The ripgrep that this process started. */
function ripgrepPid(): number | null {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (/^Name:\s*rg$/m.test(status) && status.includes(`PPid:\t${process.pid}\n`)) return Number(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  return null;
}

describe('grep', () => {
  test('pieces are lines of their own, each with the offset in its log', async () => {
    const file = open('one a\ntwo a\nthree a\nfour a');
    const pieces = [
      { file, from: 12, to: 20 },
      { file, from: 0, to: 6 },
      { file, from: 20, to: 26 },
    ];
    expect(await found(pieces, pattern('a$'))).toEqual([
      { offset: 12, text: 'three a' },
      { offset: 0, text: 'one a' },
      { offset: 20, text: 'four a' },
    ]);
    file.close();
  });

  test('a mapped log that kills ripgrep is read on, each line once', async () => {
    const count = 150_000;
    const file = open(
      Array.from({ length: count }, (_, i) => `line ${String(i).padStart(60, '.')}\n`).join(''),
    );
    let killed = false;
    const lines = await found([{ file, from: 0, to: file.size }], pattern('line'), {
      each: () => {
        const pid = killed ? null : ripgrepPid();
        if (pid === null) return;
        killed = true;
        process.kill(pid, 'SIGBUS');
      },
    });
    expect(killed).toBe(true);
    expect(lines).toHaveLength(count);
    expect(new Set(lines.map(({ offset }) => offset)).size).toBe(count);
    file.close();
  });

  test('aborting ends it without an error', async () => {
    const file = open('a\n'.repeat(2_000_000));
    const end = new AbortController();
    const lines = await found([{ file, from: 0, to: file.size }], pattern('a'), {
      signal: end.signal,
      each: () => {
        end.abort();
      },
    });
    expect(lines.length).toBeLessThan(2_000_000);
    file.close();
  });

  test('archives of several members, and one after the other', async () => {
    const packed = Buffer.concat([gzipSync('one a\n'), gzipSync('two b\nthree a\n')]);
    const file = open(packed, `${LOG}-11-2026.gz`);
    const piece = { file, from: 0, to: Infinity };
    expect(await found([piece, piece], pattern('a'))).toEqual([
      { offset: 0, text: 'one a' },
      { offset: 12, text: 'three a' },
      { offset: 0, text: 'one a' },
      { offset: 12, text: 'three a' },
    ]);
    file.close();
  });

  test('a refused pattern says what kind of refusal it is', async () => {
    const kindOf = async (text: string, more: Partial<Pattern> = {}): Promise<string> => {
      try {
        await checkPattern(pattern(text, more));
        return 'taken';
      } catch (error) {
        return error instanceof PatternProblem ? error.kind : 'another error';
      }
    };
    expect(await kindOf('(')).toBe('syntax');
    expect(await kindOf('(?=a)')).toBe('pcre-needed');
    expect(await kindOf('(a)\\1')).toBe('pcre-needed');
    expect(await kindOf('((a{1,100}){1,100}){1,100}z')).toBe('too-big');
    expect(await kindOf('((a{1,100}){1,100}){1,100}z', { pcre: true })).toBe('too-big');
    expect(await kindOf('a\nb')).toBe('line-break');
    expect(await kindOf('[á]')).toBe('taken');
    expect((await checkPattern(pattern('[á]'))).unicode).toBe(true);
  });
});

describe('lines in memory', () => {
  const lines = ['one two', 'two', '', 'čaj two two'].map((line) => Buffer.from(line));

  test('which a pattern finds', async () => {
    expect(await pickLines(lines, pattern('two'), SIGNAL)).toEqual([0, 1, 3]);
    expect(await pickLines(lines, pattern('two', { invert: true }), SIGNAL)).toEqual([2]);
    expect(await pickLines(lines, pattern('^$'), SIGNAL)).toEqual([2]);
    expect(await pickLines([], pattern('two'), SIGNAL)).toEqual([]);
  });

  test('where it matches, in bytes', async () => {
    expect(await matchSpans(lines, pattern('two'), SIGNAL)).toEqual([
      [{ from: 4, to: 7 }],
      [{ from: 0, to: 3 }],
      [],
      [
        { from: 5, to: 8 },
        { from: 9, to: 12 },
      ],
    ]);
    expect((await matchSpans(lines, pattern('x*'), SIGNAL)).flat()).toEqual([]);
  });
});

describe('output of ripgrep', () => {
  test('lines are whole however the chunks fall', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', ':', '1', '\r', '\0', '\xff') })),
        fc.array(fc.nat(40)),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.map((text, i) => `${i * 7}:${text}\n`).join(''), 'latin1');
          const splitter = new LineSplitter();
          const lines: GrepLine[] = [];
          let at = 0;
          for (const size of cuts) {
            lines.push(...splitter.take(bytes.subarray(at, at + size)));
            at += size;
          }
          lines.push(...splitter.take(bytes.subarray(at)));
          expect(splitter.end()).toBeNull();
          expect(lines).toEqual(texts.map((text, i) => ({ offset: i * 7, text })));
        },
      ),
    );
  });

  test('a line over 1 MiB is cut, the next one is whole', () => {
    const splitter = new LineSplitter();
    const lines = [
      ...splitter.take(Buffer.from(`0:${'x'.repeat(3_000_000)}`)),
      ...splitter.take(Buffer.from('yyy\n3000004:next\n')),
    ];
    expect(lines.map(({ offset, text }) => [offset, text.length])).toEqual([
      [0, 1024 * 1024],
      [3_000_004, 4],
    ]);
  });
});

describe('parts of a log without ripgrep', () => {
  test('lines with a sign, wherever the pieces and chunks end', () => {
    const texts = Array.from(
      { length: 30_000 },
      (_, i) => `${i % 97 === 0 ? '203.0.113.5' : '198.51.100.7'} - - ${i}`,
    );
    const file = open(`${texts.join('\n')}\n`);
    const lines = [
      ...linesWith({ file, from: 0, to: file.size }, { text: '203.0.113.5' }, () => undefined),
    ].flat();
    expect(lines.map(({ text }) => text)).toEqual(texts.filter((text) => text.startsWith('203')));
    file.close();
  });

  test('the last group of an IPv6 client in any spelling', () => {
    const texts = [
      '2001:db8::5',
      '2001:DB8:0:0:0:0:0:0005',
      'host:80 2001:db8::5',
      '2001:db8::15',
      '2001:db8::5:1',
      '::ffff:203.0.113.5',
      '192.0.2.5',
    ];
    const file = open(texts.map((text) => `${text} - - [x] "GET / HTTP/1.1"\n`).join(''));
    const lines = [...linesWith({ file, from: 0, to: file.size }, { lastGroup: 5 }, () => undefined)].flat();
    expect(lines.map(({ text }) => text.split(' - ')[0])).toEqual([texts[0], texts[1], texts[2], texts[5]]);
    file.close();
  });

  test('lines around a place, at both ends, and of long lines', async () => {
    const texts = Array.from({ length: 100 }, (_, i) => (i === 50 ? 'x'.repeat(200_000) : `line ${i}`));
    const file = open(texts.join('\n'));
    const offsets = texts.map((_, i) => texts.slice(0, i).join('\n').length + (i === 0 ? 0 : 1));
    const around = async (i: number, count: number): Promise<string[]> =>
      (await linesAround(file, offsets[i]!, count)).map(({ text }) => text);
    expect(await around(0, 2)).toEqual(texts.slice(0, 3));
    expect(await around(99, 2)).toEqual(texts.slice(97));
    expect(await around(51, 3)).toEqual(texts.slice(48, 55));
    expect(
      (await linesAround(file, offsets[7]! + 1, 1)).some(({ offset }) => offset === offsets[7]! + 1),
    ).toBe(false);
    file.close();
    const archive = open(gzipSync(texts.join('\n')), `${LOG}.1.gz`);
    expect((await linesAround(archive, offsets[3]!, 1)).map(({ text }) => text)).toEqual(texts.slice(2, 5));
    archive.close();
  });
});
