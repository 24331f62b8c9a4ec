// What we write for names and paths with odd characters, on a real Apache: the bytes of the renderer itself.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderExclusionFile } from '../../src/analyse/exclusion-render.ts';
import type { ExclusionScope, PathScope } from '../../src/model-rules.ts';
import { bedMissing } from './apache.ts';
import { MARK_RULES } from './form-targets.ts';
import { startForms } from './forms.ts';
import type { Form, FormBed } from './forms.ts';

const missing = bedMissing();
const title =
  missing.length === 0 ? 'exclusions as written' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

const place = { vhost: 'shop.example.com', account: 'shopuser' };
const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

function file(ruleId: string, target: string, path: PathScope | null = null): string {
  const kind = path === null ? 'target-vhost' : 'target-path';
  const scope: ExclusionScope = { kind, vhost: place.vhost, ruleId, tag: null, target, path };
  const one = { id: 12, scope, form: 'ctl', reason: 'x\\', author: 'root', createdAt: 0 } as const;
  return renderExclusionFile(place, [{ ...one, expiresAt: 2e12 }], String, sha256);
}

/** A name as the log shows it, and as a browser sends it. */
const NAMES: readonly (readonly [string, string])[] = [
  ['n\\xc3\\xa4me', 'n%c3%a4me'],
  ['a\\x80', 'a%80'],
  ['a\\x01', 'a%01'],
  ['a\\tb', 'a%09b'],
  ['a\\\\b', 'a%5cb'],
  ['p\\xc5\\x99 x', 'p%c5%99%20x'],
  ['a\\\\b c', 'a%5cb%20c'],
  ["a\\\\|b'", 'a%5c%7cb%27'],
  ['a b', 'a%20b'],
  ["a b'c", 'a%20b%27c'],
  ["'a b'", '%27a%20b%27'],
  ['a b"c', 'a%20b%22c'],
  ['a"b', 'a%22b'],
  ["'a'", '%27a%27'],
  ['$1', '%241'],
];
const PATHS = ['/a^b', '/a[1]$x', '/a(b)|c', '/a.b', '/a;b,c', '/{a}'];

suite(title, () => {
  const names = NAMES.map(([name, sent]) => ({
    name,
    conf: file('9009', `ARGS:${name}`),
    probes: { hit: { path: `/?${sent}=mark9009` }, other: { path: '/?other=mark9009' } },
    freed: 'hit',
  }));
  const paths = PATHS.map((path) => ({
    name: path,
    conf: file('9009', 'ARGS:a', { kind: 'template', text: `${path}/{n}` }),
    probes: { hit: { path: `${path}/42?a=mark9009` }, other: { path: `${path}x/42?a=mark9009` } },
    freed: 'hit',
  }));
  // A variable without members: the config test lets a member of it pass, and it does nothing.
  const members = [
    ['9001', 'REQUEST_URI:x', ''],
    ['9001', 'REQUEST_URI', 'hit'],
    ['9015', 'QUERY_STRING:', ''],
    ['9015', 'QUERY_STRING', 'hit'],
  ].map(([ruleId = '', target = '', freed = '']) => ({
    name: target,
    conf: file(ruleId, target),
    probes: { hit: { path: `/?x=mark${ruleId}` } },
    freed,
  }));
  const all: readonly Form[] = [...names, ...paths, ...members];
  let dir = '';
  let forms: FormBed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    forms = await startForms({ dir, crs: '3' }, all, MARK_RULES);
  });
  afterAll(async () => {
    await forms.bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each(all)('$name', async (form) => {
    expect(await forms.freed(form)).toBe(form.freed);
  });
});
