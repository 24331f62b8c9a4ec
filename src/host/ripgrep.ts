// Runs the bundled ripgrep: its arguments, its children, what its refusals mean. It gets no path, only its stdin:
// a descriptor that was checked when it was opened, or bytes that we write.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { rgPath } from '@vscode/ripgrep';

/** A pattern as ripgrep takes it; `text` holds no NUL. */
export interface Pattern {
  readonly text: string;
  /** PCRE2 instead of the linear-time engine. */
  readonly pcre: boolean;
  readonly ignoreCase: boolean;
  readonly invert: boolean;
  /** Unicode classes; without it a byte is a character, so that invalid UTF-8 hides nothing from `.`. */
  readonly unicode: boolean;
}

/** Why ripgrep would not search: each needs another sentence. */
type RefusalKind = 'syntax' | 'pcre-needed' | 'too-big' | 'too-hard' | 'line-break' | 'other';

/** ripgrep refused a pattern, or gave up on it. */
export class PatternProblem extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.name = 'PatternProblem';
    this.kind = kind;
  }
}

/** The mapped file became shorter while ripgrep read it. */
export class FileWasCut extends Error {
  constructor() {
    super('the log was cut off while it was searched');
    this.name = 'FileWasCut';
  }
}

/** Bytes of an error message that are kept. */
const STDERR_MOST = 8192;
/**
 * No config file, no guessing: every byte is text (-a), no BOM makes ripgrep decode UTF-16 or skip bytes (-E none),
 * sizes are bounded.
 */
const FIXED = [
  '--no-config',
  '-a',
  '-b',
  '-N',
  '-I',
  '-E',
  'none',
  '--color=never',
  '--regex-size-limit=10M',
  '--dfa-size-limit=32M',
];

/** Its own stdin under a name, so that it can be mapped: twice as fast as reading where a literal is sought. */
const MAPPED_STDIN = '/proc/self/fd/0';

/**
 * The arguments for a pattern. `lines` of a pipe, `mapped`: lines of the file on stdin (a file that is cut off
 * meanwhile kills ripgrep with SIGBUS: then `lines` must be asked), `matches`: each match of a pipe instead of each
 * line. The pattern is never an option.
 */
export function ripgrepArgs(pattern: Pattern, how: 'lines' | 'mapped' | 'matches'): string[] {
  const args = [...FIXED];
  if (!pattern.unicode) args.push('--no-unicode');
  if (pattern.pcre) args.push('-P');
  if (pattern.ignoreCase) args.push('-i');
  if (pattern.invert) args.push('-v');
  if (how === 'matches') args.push('-o');
  args.push(how === 'mapped' ? '--mmap' : '--no-mmap', '-e', pattern.text);
  return [...args, how === 'mapped' ? MAPPED_STDIN : '-'];
}

/** A running ripgrep. */
export interface Ripgrep {
  readonly child: ChildProcess;
  /** Settles when it has ended: resolves for 0 and 1 and when we killed it, rejects with a PatternProblem. */
  readonly ended: Promise<void>;
  /** Resolves when it has ended, whatever the reason. */
  readonly closed: Promise<void>;
  readonly kill: () => void;
}

/** Starts ripgrep on a descriptor, or on a pipe that the caller writes. Its priority is low: pages come first. */
export function startRipgrep(args: readonly string[], stdin: number | 'pipe'): Ripgrep {
  const child = spawn(rgPath, args, { stdio: [stdin, 'pipe', 'pipe'], env: {}, cwd: '/' });
  let killed = false;
  let said = '';
  child.stderr?.setEncoding('latin1').on('data', (text: string) => {
    if (said.length < STDERR_MOST) said += text;
  });
  // A child that ends early closes the pipe we write to; why it ended is told by its exit.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => {
      reject(new PatternProblem('other', `ripgrep could not be started (${error.message})`));
    });
    child.once('close', (code, signal) => {
      if (killed || code === 0 || code === 1) resolve();
      else if (signal === 'SIGBUS') reject(new FileWasCut());
      else reject(refusal(said, code));
    });
  });
  const closed = ended.catch(() => undefined);
  lowerPriority(child.pid);
  return {
    child,
    ended,
    closed,
    kill: () => {
      killed = true;
      child.kill('SIGKILL');
    },
  };
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It may have ended already.
  }
}

const REFUSALS: readonly (readonly [RegExp, RefusalKind])[] = [
  [/look-around|backreferences are not supported/, 'pcre-needed'],
  [/exceeds size limit|regular expression is too large|too large|TooBig/i, 'too-big'],
  [/match limit|recursion limit|heap limit|JIT stack/i, 'too-hard'],
  [/literal .* is not allowed in a regex/, 'line-break'],
  [/regex parse error|PCRE2: error compiling|error:/, 'syntax'],
];

function refusal(said: string, code: number | null): PatternProblem {
  const kind = REFUSALS.find(([words]) => words.test(said))?.[1] ?? 'other';
  const reason =
    /^error: ([^\n]{1,300})/m.exec(said)?.[1] ??
    /PCRE2: error compiling pattern at offset \d+: ([^\n]{1,300})/.exec(said)?.[1] ??
    said.trim().split('\n').at(-1)?.slice(0, 300) ??
    '';
  return new PatternProblem(kind, reason === '' ? `ripgrep ended with ${code ?? 'a signal'}` : reason);
}

/**
 * Compiles a pattern without searching. Gives it back, with `unicode` set when only that lets it be read
 * (`[áä]`, `\p{L}`). Throws PatternProblem when ripgrep refuses it.
 */
export async function checkPattern(pattern: Pattern): Promise<Pattern> {
  try {
    await compile(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof PatternProblem) || !error.message.includes('Unicode not allowed')) throw error;
  }
  const unicode = { ...pattern, unicode: true };
  await compile(unicode);
  return unicode;
}

async function compile(pattern: Pattern): Promise<void> {
  const run = startRipgrep(ripgrepArgs(pattern, 'lines'), 'pipe');
  run.child.stdout?.resume();
  run.child.stdin?.end();
  // Compiling is bounded by the size limits; PCRE2's own compiler is not.
  const timer = setTimeout(run.kill, 5000);
  try {
    await run.ended;
    if (run.child.signalCode !== null)
      throw new PatternProblem('too-big', 'the pattern could not be compiled within 5 seconds');
  } finally {
    clearTimeout(timer);
  }
}
