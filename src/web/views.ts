// The EJS engine of the pages: one escape for all output, templates compiled once.
import ejs from 'ejs';
import type { Express } from 'express';

const FOLDER = new URL('../../views/', import.meta.url);

interface RenderOptions {
  readonly shell?: unknown;
  readonly page?: unknown;
}

/** Sets up the views of an app. A view sees two values only: `shell` and `page`. */
export function useViews(app: Express, escape: (value: unknown) => string): void {
  app.engine('ejs', (path: string, options: RenderOptions, done: (error: unknown, html?: string) => void) => {
    const data = { shell: options.shell, page: options.page };
    ejs.renderFile(path, data, { cache: true, escape, root: [], outputFunctionName: '' }, done);
  });
  app.set('views', decodeURIComponent(FOLDER.pathname));
  app.set('view engine', 'ejs');
  app.enable('view cache');
}
