// Asks Apache to test and to take its configuration, and makes sure that it did.
import type { CommandResult } from '../host/run-command.ts';
import type { Context } from './context.ts';
import { type Steps, StepFailed } from './act-steps.ts';

const RELOAD_META = 'last_reload_at';
/** How long Apache may take until it says that it serves with the new configuration. */
const TAKEN_MS = 30_000;
const POLL_MS = 50;
/** Apache writes it at each start and reload, whatever its LogLevel: notices always reach the file. */
const TAKEN = /AH\d{5}: .{0,300} configured -- resuming normal operations/g;
const LAST_LINES = 600;

/** What a program said, for a sentence. */
export function saidBy(result: CommandResult): string {
  const said = result.output.split('\n').slice(-6).join(' ').slice(-LAST_LINES).trim();
  return result.problem ?? `${said === '' ? 'it said nothing' : said} (exit ${result.code ?? 'none'})`;
}

/** Tests the configuration as it is on the disk. */
export async function testConfig(ctx: Context, steps: Steps, name: string): Promise<void> {
  await steps.run(name, 'Testing Apache’s configuration', async () => {
    const result = await ctx.host.acts.test();
    if (result.code !== 0) throw new StepFailed(`Apache’s configuration test failed: ${saidBy(result)}.`);
    ctx.store.setMeta('last_test_ms', String(result.ms));
    return 'Apache’s configuration passes its test.';
  });
}

/** Waits until reloads are far enough apart, reloads, and waits for Apache's own word that it took the configuration. */
export async function reload(ctx: Context, steps: Steps, name: string): Promise<void> {
  await waitForTurn(ctx, steps);
  await steps.run(name, 'Reloading Apache', async () => {
    const log = ctx.host.logs('error_log').find(({ problem, rotated }) => problem === null && !rotated);
    const from = log?.size ?? 0;
    ctx.store.setMeta(RELOAD_META, String(Date.now()));
    const result = await ctx.host.acts.restart();
    if (result.code !== 0) throw new StepFailed(`Apache could not be reloaded: ${saidBy(result)}.`);
    if (log === undefined)
      return 'Apache was asked to reload. That it did is not confirmed, because its error_log cannot be read.';
    const started = Date.now();
    while (Date.now() - started < TAKEN_MS) {
      if (await saysTaken(ctx, log.path, from)) {
        ctx.store.setMeta('last_reload_ms', String(result.ms + Date.now() - started));
        return 'Apache took the configuration (its error_log says so).';
      }
      await ctx.host.acts.pause(POLL_MS);
    }
    throw new StepFailed(
      `Apache was asked to reload, but did not say in ${log.path} within ${TAKEN_MS / 1000} s that it took the configuration.`,
    );
  });
}

async function waitForTurn(ctx: Context, steps: Steps): Promise<void> {
  const every = ctx.host.acts.reloadEveryMs;
  const last = Number(ctx.store.meta(RELOAD_META) ?? 0);
  const wait = Math.min(last + every - Date.now(), every);
  if (wait <= 0) return;
  await steps.run('wait', `Waiting: Apache is reloaded at most once in ${every / 1000} s`, async () => {
    await ctx.host.acts.pause(wait);
    return `Waited ${Math.round(wait / 100) / 10} s: Apache is reloaded at most once in ${every / 1000} s.`;
  });
}

async function saysTaken(ctx: Context, path: string, from: number): Promise<boolean> {
  const log = ctx.host.logs('error_log').find((one) => one.path === path);
  if (log?.problem !== null) return false;
  // A log that was rotated meanwhile begins anew.
  const start = log.size < from ? 0 : from;
  for await (const chunk of ctx.host.readChunks(log, start)) {
    TAKEN.lastIndex = 0;
    if (TAKEN.test(chunk.bytes.toString('latin1'))) return true;
  }
  return false;
}
