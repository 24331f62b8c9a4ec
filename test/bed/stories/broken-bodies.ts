// Story: programs send bodies that ModSecurity cannot read or finds too large: errors of the engine, no attack.
import { BLOG, SHOP } from '../sites.ts';
import type { Step, Story } from './story.ts';

/** The till of a shop in town sends its orders and its stock. */
export const TILL_CLIENT = '203.0.113.62';
/** An app on a phone sends pictures, over a connection that breaks. */
export const APP_CLIENT = '198.51.100.92';
const TILL = 'OrderSync/3.2 (Java/17.0.9)';
const APP = 'PhotoBlog/2.4 (Android 14)';
const BOUNDARY = 'b7f1c40d9e';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

interface Sent {
  readonly type: string;
  readonly body: string;
  readonly expect: number;
}

function till(hours: number, { type, body, expect }: Sent): Step {
  const headers = { 'User-Agent': TILL, Accept: 'application/json', 'Content-Type': type };
  const request = { host: SHOP.servername, client: TILL_CLIENT, tls: true, path: '/cart.php', headers, body };
  return { at: -hours * 3600, request, expect };
}

function app(hours: number, { type, body, expect }: Sent): Step {
  const headers = { 'User-Agent': APP, Accept: '*/*', 'Content-Type': type };
  const request = { host: BLOG.servername, client: APP_CLIENT, tls: true, path: '/contact/', headers, body };
  return { at: -hours * 3600, request, expect };
}

const order = (number: number): string =>
  JSON.stringify({
    order: `T-${number}`,
    lines: [
      { sku: 'mug-3', count: 2 },
      { sku: 'bowl-17', count: 1 },
    ],
  });
const json = (body: string, expect: number): Sent => ({ type: 'application/json', body, expect });

/** All of the stock: more than the 128 KiB that a body without files may have. */
function stock(): string {
  const rows = Array.from({ length: 9500 }, (_, i) => `item-${1000 + i};12`);
  return JSON.stringify({ format: 'csv', stock: rows.join('\n') });
}

function part(name: string, text: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
}

function picture(fileName: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename=${fileName}\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n`;
}

const END = `--${BOUNDARY}--\r\n`;
const multipart = (body: string, expect: number): Sent => ({ type: MULTIPART, body, expect });

/** Broken off (500 behind a handler of its own), wrong (400, rules 200002 and 200003) and too large (413). */
export function brokenBodies(): Story {
  const export_ = '<?xml version="1.0" encoding="UTF-8"?><orders><order id="T-507"><line sku="mug-3"/>';
  return {
    name: 'broken bodies',
    steps: [
      till(17.5, json(order(501), 200)),
      till(14.2, json(order(502).slice(0, 44), 500)),
      till(14.19, json(order(502), 200)),
      till(11.8, json(order(503).replace('}]', '},]'), 400)),
      till(11.79, json(order(503).replace('}]', '},]'), 400)),
      till(8.9, json(order(504).slice(0, 61), 500)),
      till(7.4, { type: 'text/xml', body: export_, expect: 500 }),
      till(5.1, json(stock(), 413)),
      till(1.7, json(order(509), 200)),
      app(15.3, multipart(part('caption', 'The mill') + picture('"mill.gif"') + END, 200)),
      app(12.9, multipart(part('caption', 'At the market'), 500)),
      app(12.88, multipart(part('caption', 'At the market') + picture('"market.gif"') + END, 200)),
      app(9.6, multipart(part('caption', 'Pots') + picture('pots;2.gif') + END, 400)),
      app(
        3.3,
        multipart(`Sent from my phone\r\n${part('caption', 'Kiln')}${picture('"kiln.gif"')}${END}`, 400),
      ),
    ],
  };
}
