// The stylesheet and the script: read once, served beside the pages as `static/NAME?v=HASH`.
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { WebProblem } from './problems.ts';

const TYPES: Readonly<Record<string, string>> = {
  'whyblocked.css': 'text/css; charset=utf-8',
  'whyblocked.js': 'text/javascript; charset=utf-8',
};
const PLACE = /\/static\/([^/]*)$/;

interface Asset {
  readonly body: Buffer;
  readonly type: string;
  readonly version: string;
}

/** The files and their relative links. */
export interface Assets {
  readonly handler: RequestHandler;
  readonly css: string;
  readonly js: string;
}

function toAsset(body: Buffer, type: string): Asset {
  return { body, type, version: createHash('sha256').update(body).digest('hex').slice(0, 12) };
}

/** Prepares the assets that `read` gives. Only the named files are ever served, open to everybody, under any prefix. */
export function prepareAssets(read: (name: string) => Buffer): Assets {
  const assets = new Map(
    Object.entries(TYPES).map(([name, type]) => [name, toAsset(read(name), type)] as const),
  );
  const link = (name: string): string => `static/${name}?v=${assets.get(name)?.version ?? ''}`;
  const handler: RequestHandler = (request, response, next) => {
    const name = PLACE.exec(request.path)?.[1];
    if (name === undefined) {
      next();
      return;
    }
    const asset = assets.get(name);
    if (asset === undefined) throw new WebProblem(404, 'There is no such file.');
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new WebProblem(405, '', 'GET, HEAD');
    const isCurrent = new URLSearchParams(request.url.split('?', 2)[1]).get('v') === asset.version;
    response.set('Content-Type', asset.type);
    response.set('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.send(asset.body);
  };
  return { handler, css: link('whyblocked.css'), js: link('whyblocked.js') };
}
