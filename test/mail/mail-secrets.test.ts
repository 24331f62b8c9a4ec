// Secrets that stand in a server's logs and in what the hook was told, and the mails about its blocks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { gatherNotices } from '../../src/actions/notices.ts';
import { MailDesk } from '../../src/actions/mail-round.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { openContext } from '../../src/context.ts';
import { spoolFolder } from '../../src/host/block-spool.ts';
import { mailTools } from '../../src/mailing.ts';
import { tempDir } from '../host/make-root.ts';
import { CLIENT, MARK, OTHER_CLIENT, plantSecrets } from '../secrets-plant.ts';
import { parseMail } from './mail-parser.ts';
import { openSink } from './smtp-sink.ts';

test('no planted secret stands in a mail about one block or about several', async () => {
  const planted = plantSecrets(Date.now());
  const { sink, port } = await openSink({});
  const state = join(tempDir(), 'state');
  mkdirSync(spoolFolder(state), { recursive: true, mode: 0o700 });
  const ctx = openContext({
    ...{ root: planted.root.dir, state, version: '0.2.0', env: { HOME: '/nonexistent' } },
    warn: () => undefined,
    mail: { to: ['admin@example.com'], via: { host: '127.0.0.1', port, secure: false }, perHour: 2 },
  });
  let now = Date.now();
  const desk = new MailDesk({
    load: mailTools,
    now: () => now,
    complain: (error) => {
      throw error;
    },
  });
  try {
    const { clock } = await refresh(ctx);
    await gatherNotices(ctx, clock);
    const lines = [...planted.lines.values()].flat();
    for (const [nth, address] of [CLIENT, OTHER_CLIENT, '192.0.2.7', '192.0.2.8'].entries()) {
      const message = `(mod_security) mod_security (id:942100) triggered by ${address} (-): 5 in the last 3600 secs ${lines[nth] ?? ''}`;
      const args = [address, '*', '1', 'inout', '1', message, lines.join('\n'), 'LF_MODSEC'];
      writeFileSync(
        join(spoolFolder(state), `${nth}.args`),
        `whyblocked-block 1 8\n${args.map((arg) => `${arg}\0`).join('')}`,
        { encoding: 'latin1', mode: 0o600 },
      );
    }
    now = Date.now() + 3000;
    await gatherNotices(ctx, { ...(await refresh(ctx)).clock });
    for (let round = 0; round < 3; round++) {
      await desk.round(ctx, await refresh(ctx));
      await desk.idle();
      now += 11 * 60_000;
    }
    const mails = sink.mails.map(({ raw }) => parseMail(raw));
    expect(mails).toHaveLength(3);
    const texts = mails.map((mail) => JSON.stringify(mail)).join('\n');
    expect(texts).toContain(CLIENT);
    const kept = JSON.stringify(ctx.store.firewall.notices.since(0, 10));
    const leaks = (text: string): string[] => [
      ...planted.secrets
        .filter(({ plain, written }) => [plain, written].some((form) => text.includes(form)))
        .map(({ source }) => source),
      ...Array.from(text.matchAll(MARK), ([found]) => found),
    ];
    expect(leaks(lines.join('\n'))).not.toEqual([]);
    expect(leaks(`${texts}\n${kept}`)).toEqual([]);
    expect(kept).toContain('••••');
  } finally {
    await desk.end();
    ctx.close();
    await sink.close();
  }
});
