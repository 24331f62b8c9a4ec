// A small HTTP server that answers for PHP: WordPress-like pages and a shop, on loopback, behind Apache.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The one account of the WordPress site. */
export const EDITOR = { login: 'jana', password: 'long-and-secret-7' } as const;
/** Pages that exist; every other path is answered 404. */
const PAGES =
  /^\/(?:$|(?:index|product|search|cart|contact)\.php$|\d{4}\/|about\/|contact\/|category\/|page\/|feed\/)/;
const SESSION = 'wordpress_logged_in_5f2b=jana%7C1';

export interface Backend {
  readonly port: number;
  close(): Promise<void>;
}

function page(res: ServerResponse, title: string, assets: readonly string[]): void {
  const head = assets.map((asset) => `<link href="${asset}">`).join('');
  res.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' });
  res.end(
    `<!doctype html><html><head><title>${title}</title>${head}</head><body><h1>${title}</h1></body></html>\n`,
  );
}

function redirect(res: ServerResponse, location: string, cookie?: string): void {
  res.writeHead(302, { Location: location, ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }) });
  res.end();
}

/** The path that the browser asked for: rewritten requests reach the backend as /index.php. */
function askedPath(req: IncomingMessage): string {
  const line = req.headers['x-bed-request'];
  return (typeof line === 'string' ? line.split(' ')[1] : undefined)?.split('?')[0] ?? '/';
}

function answerLogin(req: IncomingMessage, res: ServerResponse, body: string): void {
  const form = new URLSearchParams(body);
  const right = form.get('log') === EDITOR.login && form.get('pwd') === EDITOR.password;
  if (req.method === 'POST' && right) redirect(res, '/wp-admin/', `${SESSION}; path=/; HttpOnly`);
  else page(res, 'Log In', ['/wp-admin/css/admin.css']);
}

function answerAdmin(req: IncomingMessage, res: ServerResponse, path: string): void {
  const loggedIn = (req.headers.cookie ?? '').includes('wordpress_logged_in_');
  if (!loggedIn) redirect(res, '/wp-login.php');
  else if (path.endsWith('/admin-ajax.php')) {
    res.writeHead(200, { 'Content-Type': 'application/json' });
    res.end('{"success":true}');
  } else if (req.method === 'POST') redirect(res, `${path}?message=1`);
  else page(res, 'Dashboard', ['/wp-admin/css/admin.css', '/wp-admin/js/editor.js']);
}

function answer(req: IncomingMessage, res: ServerResponse, body: string): void {
  const path = askedPath(req);
  // For an error document the answer keeps Apache's status, as it does behind php-fpm.
  const kept = Number(req.headers['x-bed-status']);
  res.sendDate = false;
  res.setHeader('X-Powered-By', 'PHP/8.2.36');
  if (kept >= 400) {
    res.writeHead(kept, { 'Content-Type': 'text/html; charset=UTF-8' });
    res.end('<!doctype html><title>Page not found</title>\n');
  } else if (path === '/wp-login.php') answerLogin(req, res, body);
  else if (path.startsWith('/wp-admin/')) answerAdmin(req, res, path);
  else if (PAGES.test(path)) page(res, path, ['/style.css']);
  else {
    res.writeHead(404, { 'Content-Type': 'text/html; charset=UTF-8' });
    res.end('<!doctype html><title>Page not found</title>\n');
  }
}

/** Starts the backend on a free loopback port. */
export async function startBackend(): Promise<Backend> {
  const server: Server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      answer(req, res, Buffer.concat(chunks).toString('latin1'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) =>
      server.close(() => {
        resolve();
      }),
    );
  };
  return { port: (server.address() as AddressInfo).port, close };
}
