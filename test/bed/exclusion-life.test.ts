// What happens to exclusions after they are made, on a real Apache: their end, hand edits, a lost database, other makers'
// files, many at once.
import { existsSync, mkdirSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOut } from '../../src/actions/act.ts';
import { ActDesk } from '../../src/actions/act-desk.ts';
import { editOrder, excludeOrder, revertOrder } from '../../src/actions/orders.ts';
import { reconcile } from '../../src/actions/reconcile.ts';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: the life of exclusions on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

const ATTACK = `/product.php?id=${encodeURIComponent("1' OR '1'='1")}`;
const VHOST = 'shop.example.com';

suite('the life of an exclusion', () => {
  let made: Product;
  const file = (kind: 'std' | 'ssl', vhost = VHOST, account = 'shopuser'): string =>
    join(made.bed.root, `etc/apache2/conf.d/userdata/${kind}/2_4/${account}/${vhost}/whyblocked.conf`);
  const attack = (host = VHOST): Promise<number> =>
    made.bed.send({ host, path: ATTACK, client: '198.51.100.9' }).then(({ status }) => status);
  const excludeIt = async (vhost = VHOST): Promise<number> => {
    const { code, value } = await made.json([
      ...['exclude', '--vhost', vhost, '--rule', '942100', '--target', 'ARGS:id'],
      ...['--reason', 'ticket 9', '--yes'],
    ]);
    expect(code).toBe(0);
    return (value.change as { exclusions: number[] }).exclusions[0] ?? 0;
  };
  const revertIt = async (id: number): Promise<void> => {
    expect((await made.json(['revert', String(id), '--reason', 'done', '--yes'])).code).toBe(0);
  };
  const starts = (): number =>
    readFileSync(join(made.bed.root, 'var/log/apache2/error_log'), 'latin1').split(
      'resuming normal operations',
    ).length;

  beforeAll(async () => {
    made = await product('3');
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  test('it ends by itself at its second, without a reload; reconcile only tidies the file up', async () => {
    const id = await excludeIt();
    const ctx = made.open();
    try {
      const expiresAt = Date.now() + 3000;
      const order = editOrder(ctx, id, { reason: 'short', expiresAt, author: 'root' });
      expect(await carryOut(ctx, order.head, order.intents)).toMatchObject({ state: 'done' });
      expect(await attack()).toBe(200);
      const reloads = starts();
      while (Date.now() < expiresAt + 1100) await sleep(100);
      expect(await attack()).toBe(403);
      expect(starts()).toBe(reloads);
      expect((await reconcile(ctx)).done).toEqual([`Exclusion ${id} ended.`]);
      expect(readFileSync(file('std'), 'latin1')).toMatch(/No exclusion is in force here/);
      expect(ctx.store.exclusions.byId(id)).toMatchObject({ state: 'expired' });
    } finally {
      ctx.close();
    }
  }, 60_000);

  test('a file changed by hand is shown as a diff and never overwritten; adopted, it is ours again', async () => {
    const id = await excludeIt();
    const before = readFileSync(file('std'), 'latin1');
    const edited = `${before}# a note of the administrator\n`;
    writeFileSync(file('std'), edited);
    const refused = await made.run([
      ...['exclude', '--vhost', VHOST, '--rule', '941100', '--target', 'ARGS:id', '--reason', 'x', '--yes'],
    ]);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/changed by hand/);
    expect(readFileSync(file('std'), 'latin1')).toBe(edited);
    const { value } = await made.json(['exclusions']);
    expect(value.drift).toMatchObject([{ vhost: VHOST, kind: 'edited', adoptable: true }]);
    expect((value.drift as { diff: string }[])[0]?.diff).toContain('+# a note of the administrator');
    expect((await made.json(['adopt', VHOST, '--reason', 'mine', '--yes'])).code).toBe(0);
    expect(readFileSync(file('std'), 'latin1')).toBe(before);
    expect((await made.json(['exclusions'])).value.drift).toEqual([]);
    expect(await attack()).toBe(200);
    await revertIt(id);
  }, 60_000);

  test.each<[string, (text: string) => string, RegExp]>([
    ['a directive that was added', (text) => `${text}SecRuleRemoveById 941100\n`, /other directives/],
    ['a directive that was changed', (text) => text.replace(';ARGS:id"', ';ARGS:q"'), /other directives/],
    ['a comment line that says another rule', (text) => text.replaceAll('942100', '949110'), /only adds up/],
  ])(
    '%s by hand is not adopted and not lost',
    async (_, edit, words) => {
      const id = await excludeIt();
      const before = readFileSync(file('std'), 'latin1');
      const edited = edit(before);
      expect(edited).not.toBe(before);
      for (const kind of ['std', 'ssl'] as const) writeFileSync(file(kind), edited);
      const { code, err } = await made.run(['adopt', VHOST, '--reason', 'mine', '--yes']);
      expect(code).toBe(1);
      expect(err).toMatch(words);
      expect(readFileSync(file('std'), 'latin1')).toBe(edited);
      for (const kind of ['std', 'ssl'] as const) writeFileSync(file(kind), before);
      await revertIt(id);
    },
    60_000,
  );

  test('with a new database the files are still understood, and can be adopted', async () => {
    const id = await excludeIt();
    const state = join(made.place.state, '../state2');
    mkdirSync(state, { mode: 0o700 });
    const seen = await made.json(['exclusions'], state);
    expect(seen.value.drift).toMatchObject([{ vhost: VHOST, kind: 'foreign', adoptable: true }]);
    expect((await made.json(['adopt', VHOST, '--reason', 'new database', '--yes'], state)).code).toBe(0);
    const after = await made.json(['exclusions'], state);
    expect(after.value).toMatchObject({
      drift: [],
      active: [{ scope: { ruleId: '942100', target: 'ARGS:id' } }],
    });
    expect(await attack()).toBe(200);
    // Back to the first database, which sees the other one's bytes as a change by hand.
    expect((await made.json(['adopt', VHOST, '--reason', 'back', '--yes'])).code).toBe(0);
    await revertIt(id);
    expect(await attack()).toBe(403);
  }, 60_000);

  test('what ConfigServer ModSec Control left is found, and taken over with the same effect', async () => {
    const folder = (kind: string): string =>
      join(made.bed.root, `etc/apache2/conf.d/userdata/${kind}/2_4/statuser/static.example.net`);
    for (const kind of ['std', 'ssl']) {
      mkdirSync(folder(kind), { recursive: true });
      writeFileSync(
        join(folder(kind), 'modsec.conf'),
        '# Do not modify this file directly as it will be overwritten by cmc\n<IfModule mod_security2.c>\nSecRuleRemoveById 942100\n<LocationMatch .*>\n\tSecRuleRemoveById 942100\n</LocationMatch>\n</IfModule>\n',
      );
    }
    made.bed.rebuild();
    await made.bed.graceful();
    expect(await attack('static.example.net')).not.toBe(403);
    const { value } = await made.json(['exclusions']);
    const [found] = value.found as { key: string; maker: string; scopes: unknown[] }[];
    // A key that begins with a hyphen would be taken for an option.
    expect(found?.key).toMatch(/^f/);
    expect(found).toMatchObject({ maker: 'cmc', scopes: [{ kind: 'rule-vhost', ruleId: '942100' }] });
    const adopted = await made.json(['adopt', found?.key ?? '', '--reason', 'CMC is gone', '--yes']);
    expect(adopted.code).toBe(0);
    expect(await attack('static.example.net')).not.toBe(403);
    expect(readFileSync(join(folder('std'), 'modsec.conf'), 'latin1')).not.toMatch(/^\s*SecRule/m);
    expect((await made.json(['exclusions'])).value.found).toEqual([]);
    const [id = 0] = (adopted.value.change as { exclusions: number[] }).exclusions;
    await revertIt(id);
    expect(await attack('static.example.net')).toBe(403);
  }, 60_000);

  test('what is asked for at once is one change with one reload', async () => {
    const ctx = made.open();
    try {
      const desk = new ActDesk(() => ctx);
      const reloads = starts();
      const orders = await Promise.all(
        ['ARGS:a', 'ARGS:b', 'ARGS:c', 'ARGS:d'].map((target) =>
          excludeOrder(ctx, {
            scope: { kind: 'target-vhost', vhost: VHOST, ruleId: '942100', tag: null, target, path: null },
            ...{ reason: 'joined', author: 'root', expiresAt: null, typed: null },
          }),
        ),
      );
      const views = orders.map((order) => desk.submit(order));
      await desk.idle();
      const ended = await Promise.all(views.map(({ id }) => desk.look(id, 0)));
      expect(ended.map((view) => view?.state)).toEqual(['done', 'done', 'done', 'done']);
      expect(starts()).toBe(reloads + 1);
      const ids = ended[0]?.exclusionIds ?? [];
      expect(ids).toHaveLength(4);
      const back = revertOrder(ctx, ids, { author: 'root', reason: 'done' });
      expect(await carryOut(ctx, back.head, back.intents)).toMatchObject({ state: 'done' });
    } finally {
      ctx.close();
    }
  }, 60_000);

  test('its use is counted from the access log: path and argument, once', async () => {
    const { value } = await made.json([
      ...['exclude', '--vhost', VHOST, '--rule', '942100', '--target', 'ARGS:id', '--path', '/product.php'],
      ...['--reason', 'count', '--yes'],
    ]);
    const [id = 0] = (value.change as { exclusions: number[] }).exclusions;
    await sleep(1100);
    for (const path of [ATTACK, ATTACK, '/product.php?q=1', '/search.php?id=1'])
      await made.bed.send({ host: VHOST, path, client: '198.51.100.9' });
    await made.bed.settle();
    await sleep(1100);
    await made.json(['reconcile']);
    await made.json(['reconcile']);
    const list = await made.json(['exclusions']);
    expect(list.value.active).toMatchObject([{ id, uses: 2, furtherHits: 0 }]);
    await revertIt(id);
  }, 60_000);

  test('a file of ours that was deleted is told, with what it means for Apache', async () => {
    const id = await excludeIt();
    rmSync(file('ssl'));
    const { value } = await made.json(['exclusions']);
    expect(value.drift).toMatchObject([{ kind: 'missing', vhost: VHOST }]);
    writeFileSync(file('ssl'), readFileSync(file('std')));
    await revertIt(id);
  }, 60_000);

  test('nothing is begun while Apache’s configuration is broken already', async () => {
    const broken = join(
      made.bed.root,
      'etc/apache2/conf.d/userdata/std/2_4/shopuser/shop.example.com/broken.conf',
    );
    writeFileSync(broken, 'NoSuchDirective on\n');
    try {
      const before = readFileSync(file('std'), 'latin1');
      const { code, err } = await made.run([
        ...['exclude', '--vhost', VHOST, '--rule', '942100', '--target', 'ARGS:id', '--reason', 'x', '--yes'],
      ]);
      expect(code).toBe(1);
      expect(err).toMatch(/broken already/);
      expect(readFileSync(file('std'), 'latin1')).toBe(before);
    } finally {
      rmSync(broken);
    }
  }, 60_000);

  test('the same ordered twice at once comes into force once', async () => {
    const ctx = made.open();
    try {
      const request = {
        scope: {
          kind: 'target-vhost',
          vhost: VHOST,
          ruleId: '942100',
          tag: null,
          target: 'ARGS:id',
          path: null,
        },
        reason: 'twice',
        author: 'root',
        expiresAt: null,
        typed: null,
      } as const;
      const orders = [await excludeOrder(ctx, request), await excludeOrder(ctx, request)];
      const desk = new ActDesk(() => ctx);
      const acts = orders.map((order) => desk.submit(order));
      await desk.idle();
      const ends = await Promise.all(acts.map(({ id }) => desk.look(id, 0)));
      expect(ends.map((act) => act?.state)).toEqual(['done', 'failed']);
      const [id] = ends[0]?.exclusionIds ?? [];
      expect(ends[1]?.sentence).toBe(`Exclusion ${id ?? ''} does this already. Nothing was changed.`);
      expect(ctx.store.exclusions.active(VHOST)).toHaveLength(1);
      await revertIt(id ?? 0);
    } finally {
      ctx.close();
    }
  }, 60_000);

  test('edit gives another end and reason, in the file too', async () => {
    const id = await excludeIt();
    const dry = await made.run(['edit', String(id), '--reason', 'longer', '--expires', '30d']);
    expect(dry.out).toContain('this is a dry run');
    const { code } = await made.json(['edit', String(id), '--reason', 'longer', '--expires', '30d', '--yes']);
    expect(code).toBe(0);
    expect(readFileSync(file('ssl'), 'latin1')).toContain('longer');
    const { value } = await made.json(['exclusions']);
    const [one] = value.active as { expiresAt: string; reason: string }[];
    expect(one?.reason).toBe('longer');
    const days = (Date.parse(one?.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    // Without --expires the end stays.
    await made.json(['edit', String(id), '--reason', 'still', '--yes']);
    const again = await made.json(['exclusions']);
    expect(again.value.active).toMatchObject([{ expiresAt: one?.expiresAt, reason: 'still' }]);
    expect((await made.run(['edit', '999', '--reason', 'x', '--yes'])).code).toBe(1);
    await revertIt(id);
  }, 60_000);

  test('keep leaves a hand-changed file alone, and says so in the activity', async () => {
    const id = await excludeIt();
    const before = readFileSync(file('std'), 'latin1');
    expect((await made.run(['keep', VHOST, '--reason', 'mine', '--yes'])).err).toMatch(/changed by hand/);
    writeFileSync(file('std'), `${before}# mine\n`);
    const { code, value } = await made.json(['keep', `www.${VHOST}`, '--reason', 'mine', '--yes']);
    expect([code, value.applied]).toEqual([0, true]);
    expect((await made.json(['exclusions'])).value.drift).toEqual([]);
    expect((await made.run(['activity'])).out).toMatch(/keep file.*shop\.example\.com: mine/);
    const refused = await made.run(['revert', String(id), '--reason', 'x', '--yes']);
    expect(refused.err).toMatch(/is kept as it is/);
    writeFileSync(file('std'), before);
    await revertIt(id);
  }, 60_000);

  test('what a process killed after its change left beside the files is cleared away', async () => {
    const id = await excludeIt();
    const left = join(file('std'), '../.whyblocked.conf.old');
    writeFileSync(left, 'the way back of a change that is long done');
    const ctx = made.open();
    try {
      await reconcile(ctx);
      expect(existsSync(left)).toBe(false);
      // What is there when nothing was changed since is not of ours to look for again.
      writeFileSync(left, 'another');
      await reconcile(ctx);
      expect(existsSync(left)).toBe(true);
    } finally {
      ctx.close();
    }
    await revertIt(id);
    expect(existsSync(left)).toBe(false);
  }, 60_000);
});
