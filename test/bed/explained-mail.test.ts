// From a scan of a real Apache to the mail that explains its block: Apache and ModSecurity write their logs, lfd's stand-in counts as
// lfd does, blocks through csf's stand-in and calls the hook, and the service sends the mail.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { type Lfd, startLfd } from '../csf/lfd.ts';
import { parseMail } from '../mail/mail-parser.ts';
import { SmtpSink } from '../mail/smtp-sink.ts';
import { serve, type Served, until } from '../service-kit.ts';
import { bedMissing } from './apache.ts';
import { type ProductBed, startProduct } from './product-bed.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: the mail about a block on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

const HOOK = join(import.meta.dirname, '../../plugin/csf-hook');
const SCANNER = '203.0.113.77';
/** What such a mail may take, from lfd's line on. */
const WITHIN_MS = 10_000;

suite('a scan that lfd blocks', () => {
  let dir: string;
  let made: ProductBed;
  let csf: CsfServer;
  let lfd: Lfd | undefined;
  let service: Served | undefined;
  const sink = new SmtpSink({});

  beforeAll(async () => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'whyblocked-mail-')));
    made = await startProduct({ dir, crs: '3' });
    const { root, state, config } = made.place;
    csf = csfServer({
      root,
      settings: { LF_MODSEC: '5', LF_PARSE: '1' },
      zone: 'Europe/Bratislava',
    });
    const mail = {
      to: ['admin@example.com'],
      policy: 'all',
      via: { host: '127.0.0.1', port: await sink.listen(), secure: false },
      whm: 'https://server.example.com:2087',
    };
    const settings = JSON.parse(readFileSync(config, 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...settings, ...csf.config, mail }));
    mkdirSync(join(state, 'blocks'), { mode: 0o700, recursive: true });
    const hook = join(dir, 'hook');
    writeFileSync(hook, `#!/bin/sh\nWHYBLOCKED_STATE='${state}' exec '${HOOK}' "$@"\n`);
    chmodSync(hook, 0o700);
    service = await serve(root, ['--config', config, '--state', state]);
    lfd = await startLfd({ server: csf, errorLog: join(root, 'etc/apache2/logs/error_log'), hook });
  }, 60_000);

  afterAll(async () => {
    await lfd?.stop();
    service?.child.kill('SIGTERM');
    await service?.ended;
    await made.bed.stop();
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  test('is mailed within ten seconds, with the verdict, the rules and what to do', async () => {
    for (const path of [
      '/.env',
      '/?id=1%27%20union%20select%201',
      '/?q=<script>alert(1)</script>',
      '/etc/passwd?x=../../etc/passwd',
      '/?cmd=cat%20/etc/passwd',
      '/wp-config.php.bak?x=../../etc/passwd',
    ])
      await made.bed.send({
        host: 'shop.example.com',
        path,
        client: SCANNER,
        headers: { 'User-Agent': 'sqlmap/1.7.2#stable (https://sqlmap.example.org)' },
      });
    await until(() => sink.mails.length > 0, 30_000);
    const [block] = lfd?.blocks() ?? [];
    const [mail] = sink.mails;
    expect(block).toMatchObject({ address: SCANNER, trigger: 'LF_MODSEC', refused: false });
    expect(csf.entries('deny')).toContain(SCANNER);
    expect((mail?.at ?? Infinity) - (block?.at ?? 0)).toBeLessThan(WITHIN_MS);
    const { headers, text, html } = parseMail(mail?.raw ?? Buffer.alloc(0));
    const subject = headers.find(([name]) => name === 'Subject')?.[1] ?? '';
    expect(subject).toContain(SCANNER);
    for (const part of [text, html.replaceAll(/<[^>]*>/g, '')]) {
      expect(part).toMatch(/scanner|attack/i);
      expect(part).toContain('LF_MODSEC');
      expect(part).toMatch(/\b9[34]\d{4}\b/);
      expect(part).toContain('shop.example.com');
    }
    expect(sink.breaches).toEqual([]);
    // Told by lfd.log, the hook and csf.deny, it is one block and one mail.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(sink.mails).toHaveLength(1);
  }, 60_000);
});
