// Local times without a zone: the hour that comes twice, and clocks that jump.
import { describe, expect, test } from '@jest/globals';
import { LogOrder } from '../../src/actions/log-order.ts';
import { readZone } from '../../src/host/clock.ts';
import { openRoot } from '../../src/host/root.ts';
import { makeRoot, makeServer } from '../host/make-root.ts';
import { ingestOnce, newState, open } from './kit.ts';

const ERROR = '/var/log/apache2/error_log';
const ZONE = '/usr/share/zoneinfo/Europe/Bratislava';

function bratislava() {
  const root = makeRoot();
  root.link('/etc/localtime', ZONE);
  const zone = readZone(openRoot(root.dir));
  if (zone === null) throw new Error('no zone');
  return zone;
}

/** The id that Apache makes at an instant. */
function idAt(at: number, number = 0): string {
  const bytes = Buffer.alloc(20, 7);
  bytes.writeUInt32BE(Math.floor(at / 1000));
  bytes.writeUInt32BE(number, 12);
  return bytes.toString('base64').replaceAll('+', '@').replaceAll('/', '-').replace(/=+$/, '');
}

// 25 October 2026: at 03:00 clocks are set back to 02:00, which is 01:00 UTC.
const wall = (clock: string): number => Date.parse(`2026-10-25T${clock}Z`);
const utc = (clock: string): number => Date.parse(`2026-10-25T${clock}Z`);

describe('the hour that comes twice', () => {
  const zone = bratislava();

  test('the zone says which times come twice', () => {
    expect(zone.repeatedAfter(wall('01:59:59'))).toBe(0);
    expect(zone.repeatedAfter(wall('02:00:00'))).toBe(3_600_000);
    expect(zone.repeatedAfter(wall('02:59:59'))).toBe(3_600_000);
    expect(zone.repeatedAfter(wall('03:00:00'))).toBe(0);
    expect(zone.repeatedAfter(Date.parse('2026-03-29T02:30:00Z'))).toBe(0);
  });

  test('by the request’s id', () => {
    const order = new LogOrder(zone, null);
    expect(order.instant(wall('02:30:00'), idAt(utc('01:30:00')))).toBe(utc('01:30:00'));
    // A slow request of the first pass is written behind one of the second.
    expect(order.instant(wall('02:59:59'), idAt(utc('00:58:00')))).toBe(utc('00:59:59'));
    // One that came in the first pass and ended in the second is placed by its beginning, an hour early at most.
    expect(order.instant(wall('02:10:00'), idAt(utc('01:09:58')))).toBe(utc('01:10:00'));
  });

  test('by the order of the lines where no id tells it', () => {
    const order = new LogOrder(zone, utc('00:20:00'));
    const clocks = [
      '02:30:00',
      '02:28:00',
      '02:59:00',
      '02:01:00',
      '02:00:00',
      '02:20:00',
      '02:57:00',
      '03:00:00',
    ];
    const instants = [
      '00:30:00',
      '00:28:00',
      '00:59:00',
      '01:01:00',
      '01:00:00',
      '01:20:00',
      '01:57:00',
      '02:00:00',
    ];
    expect(clocks.map((clock) => order.instant(wall(clock)))).toEqual(instants.map(utc));
  });

  test('a log that is far ahead, because its clock was wrong, says nothing of it', () => {
    const order = new LogOrder(zone, utc('09:00:00'));
    expect(order.instant(wall('02:30:00'))).toBe(utc('00:30:00'));
  });
});

describe('an error_log', () => {
  const line = (clock: string, id: string): string =>
    `[Sun Oct 25 ${clock}.000000 2026] [security2:error] [pid 1:tid 1] [client 192.0.2.7:0] [client 192.0.2.7] ModSecurity: Warning. Matched phrase "x" at ARGS:a. [file "/r.conf"] [line "1"] [id "913100"] [msg "m"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/"] [unique_id "${id}"]\n`;

  async function timesOf(lines: readonly string[], pieces: number): Promise<Map<string, number>> {
    const root = makeServer();
    root.link('/etc/localtime', ZONE);
    const state = newState(root.dir);
    for (let piece = 1; piece <= pieces; piece++) {
      root.write(ERROR, lines.slice(0, Math.ceil((lines.length * piece) / pieces)).join(''));
      await ingestOnce(root.dir, state);
    }
    const ctx = open({ root: root.dir, state });
    try {
      const parts = ctx.store.transactions.ofClient('192.0.2.7', 0, 2e12);
      return new Map(parts.map(({ uniqueId, at }) => [uniqueId, at]));
    } finally {
      ctx.close();
    }
  }

  test.each([1, 2, 5])('through the change of the clock, read in %i pieces', async (pieces) => {
    const instants = ['00:10:00', '00:50:00', '01:05:00', '01:50:00', '02:10:00'].map(utc);
    const clocks = ['02:10:00', '02:50:00', '02:05:00', '02:50:00', '03:10:00'];
    const ids = instants.map((at, index) => idAt(at, index));
    const times = await timesOf(
      clocks.map((clock, index) => line(clock, ids[index] ?? '')),
      pieces,
    );
    expect(ids.map((id) => times.get(id))).toEqual(instants);
    // The same without ids that tell the time: in the order of the lines.
    const plain = clocks.map((_, index) => `request-${String(index)}`);
    const byOrder = await timesOf(
      clocks.map((clock, index) => line(clock, plain[index] ?? '')),
      pieces,
    );
    expect(plain.map((id) => byOrder.get(id))).toEqual(instants);
  });

  test('whose clock was set back by hours is read to its end', async () => {
    const clocks = ['15:00:00', '15:00:01', '11:30:00', '11:30:01', '15:00:02'];
    const ids = clocks.map((_, index) => `request-${String(index)}`);
    const times = await timesOf(
      clocks.map((clock, index) => line(clock, ids[index] ?? '')),
      5,
    );
    expect(ids.map((id) => times.get(id))).toEqual(
      ['14:00:00', '14:00:01', '10:30:00', '10:30:01', '14:00:02'].map(utc),
    );
  });
});
