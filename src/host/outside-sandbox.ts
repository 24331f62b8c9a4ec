// The service's unit may neither write Apache's generated files nor signal httpd: what does so runs in a unit of its own.
import { ENVIRONMENT } from './run-command.ts';

/** Where systemd puts it on every distribution with a merged /usr and on those before. */
export const SYSTEMD_RUN = '/usr/bin/systemd-run';
/** Ours is the limit that is reported; systemd's own ends what is left when the one who waits is gone. */
const GRACE_SECONDS = 5;

let count = 0;

/**
 * The argv that runs `argv` as a transient unit of systemd, outside the sandbox of our own: same outputs, same exit code
 * (systemd-run(1): --pipe, --wait), ended after `limitMs`; null for what must never be ended. What it starts and leaves behind
 * stays, as without a unit.
 */
export function outsideSandbox(
  systemdRun: string,
  argv: readonly string[],
  limitMs: number | null,
): string[] {
  count += 1;
  return [
    systemdRun,
    '--quiet',
    '--pipe',
    '--wait',
    '--collect',
    '--service-type=exec',
    `--unit=whyblocked-act-${process.pid}-${Date.now()}-${count}`,
    ...(limitMs === null ? [] : [`--property=RuntimeMaxSec=${Math.ceil(limitMs / 1000) + GRACE_SECONDS}`]),
    '--property=KillMode=process',
    '--property=UMask=0022',
    '--working-directory=/',
    ...Object.entries(ENVIRONMENT).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
    // systemd puts variables in for $NAME; a doubled sign is one.
    ...argv.map((word) => word.replaceAll('$', '$$$$')),
  ];
}
