// The folder for our own data: never below a copied server, and nobody else's to write.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

const PRIVATE = 0o700;
const OTHERS_WRITE = 0o022;

/** The state folder cannot be used; the message says why in one sentence. */
class StateDirRefused extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'StateDirRefused';
  }
}

export interface StateDirOptions {
  /** The root folder, links resolved. */
  readonly root: string;
  /** What `--state` says; the default folder without it. */
  readonly explicit?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Gives the folder, made with mode 0700 when it is new: the explicit one, else /var/lib/whyblocked for the root
 * `/`, else `whyblocked/<hash of the root>` in XDG_STATE_HOME or ~/.local/state.
 * Throws StateDirRefused when it lies inside a root other than `/`, is not ours, or others could write to it.
 */
export function openStateDir(options: StateDirOptions): string {
  const wanted = options.explicit === undefined ? defaultDir(options) : resolve(options.explicit);
  const real = realTarget(wanted);
  if (options.root !== '/' && (real === options.root || real.startsWith(`${options.root}/`))) {
    throw new StateDirRefused(
      `The state folder ${wanted} lies inside the root ${options.root}, where nothing is written.`,
    );
  }
  try {
    mkdirSync(real, { recursive: true, mode: PRIVATE });
  } catch {
    throw new StateDirRefused(`The state folder ${wanted} cannot be made.`);
  }
  const stats = statSync(real);
  const user = process.geteuid?.() ?? stats.uid;
  if (!stats.isDirectory() || stats.uid !== user)
    throw new StateDirRefused(`The state folder ${wanted} is not ours.`);
  // Our own default folder is put right; a folder that somebody chose is not changed behind his back.
  if (options.explicit === undefined) chmodSync(real, PRIVATE);
  else if ((stats.mode & OTHERS_WRITE) !== 0)
    throw new StateDirRefused(`Others can write to the state folder ${wanted}.`);
  return real;
}

function defaultDir({ root, env }: StateDirOptions): string {
  if (root === '/') return '/var/lib/whyblocked';
  const { XDG_STATE_HOME: xdg, HOME: home } = env;
  // The XDG specification says to ignore a relative path.
  const base =
    xdg !== undefined && isAbsolute(xdg)
      ? xdg
      : join(home !== undefined && isAbsolute(home) ? home : '/root', '.local/state');
  return join(base, 'whyblocked', createHash('sha256').update(root).digest('hex').slice(0, 16));
}

/** Where a path really leads, of whose end some folders may not be there yet. */
function realTarget(path: string): string {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(realpathSync(at), ...missing);
    } catch {
      if (at === dirname(at)) return path;
      missing.unshift(basename(at));
    }
  }
}
