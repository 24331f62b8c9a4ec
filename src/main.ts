// The process: hands the command line its surroundings and sets the exit code.
import about from '../package.json' with { type: 'json' };
import type { GlobalOptions } from './cli/global-options.ts';
import { isServing, runServe, type ServeSurroundings } from './cli/serve-commands.ts';
import type { Output } from './cli/terminal.ts';
import type { ContextOptions } from './context.ts';

const { version } = about;
const isTerminal = process.stdout.isTTY && process.env.NO_COLOR === undefined;

const output: Output = {
  colour: isTerminal,
  width: Math.min(process.stdout.columns > 0 ? process.stdout.columns : 100, 120),
  write: (text) => {
    process.stdout.write(text);
  },
  note: (text) => {
    process.stderr.write(text);
  },
};

// A reader that stops early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    // One byte over the limit is enough for the refusal to be said.
    if (size > 1024 * 1024 + 1) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function askAtTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const line = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await line.question(question);
  } finally {
    line.close();
  }
}

/** Who sits at the terminal: the account behind sudo, else our own. */
function author(): string {
  const name = process.env.SUDO_USER ?? process.env.USER ?? 'root';
  return /^[\w.-]{1,64}$/.test(name) ? name : 'root';
}

/** Only --config needs the validation library; a plain question does not wait for it. */
async function contextOptions(options: GlobalOptions): Promise<ContextOptions> {
  const base = {
    root: options.root,
    state: options.state,
    now: options.now,
    version,
    env: process.env,
    helperThread: true,
    warn: (text: string) => {
      output.note(`whyblocked: ${text}\n`);
    },
  };
  if (options.config === undefined) return base;
  const { configOf } = await import('./config.ts');
  return { ...base, ...configOf(options.config) };
}

const serving: ServeSurroundings = {
  version,
  output,
  login: async (socket) => (await import('./ask-login.ts')).loginText(socket, author()),
  serve: async (options) => (await import('./serve.ts')).serve({ ...options, version, output }),
  demo: async (options) => (await import('./serve.ts')).serveDemo({ ...options, version, output }),
};

/** The whole program: what a service in its main thread does not need is loaded here. */
async function run(args: readonly string[]): Promise<number> {
  const [{ runCli }, { openContext }, { isDamage }] = await Promise.all([
    import('./cli/program.ts'),
    import('./context.ts'),
    import('./store/database.ts'),
  ]);
  return runCli(args, {
    ...serving,
    readStdin,
    openContext: async (options, how) => openContext({ ...(await contextOptions(options)), ...how }),
    isDamage,
    sendTrial: async (ctx) => (await import('./mailing.ts')).trialMail(ctx),
    ask: process.stdin.isTTY && process.stdout.isTTY ? askAtTerminal : null,
    author: author(),
    // `client port server port`, as sshd gives it: a block must not keep out whoever asks for it.
    address: process.env.SSH_CONNECTION?.split(' ', 1)[0] ?? null,
    indexLogs: async (ctx, { state }) => (await import('./index-logs.ts')).indexLogs(ctx, state),
    search: async (given, database) => {
      const { search, writeStdout } = await import('./search.ts');
      return search(given, database, await contextOptions(given), {
        output,
        write: writeStdout,
        // A terminal may not know its width.
        progressWidth: process.stderr.isTTY ? Math.max(process.stderr.columns, 40) : null,
      });
    },
  });
}

const args = process.argv.slice(2);
process.exitCode = await (isServing(args) ? runServe(args, serving) : run(args));
