// The server's own program for sending mail: the message on its standard input, the recipients in the message's head.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './file-lock.ts';
import { outsideSandbox } from './outside-sandbox.ts';
import type { Root } from './root.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import type { ActSettings } from './server-acts.ts';

const SENDMAIL: readonly string[] = ['/usr/sbin/sendmail', '-t', '-i'];
const FLOCK = '/usr/bin/flock';
/** Exim takes a message in some tenths of a second; a full disk or a slow content scanner takes longer. */
const LIMIT_MS = 60_000;
const PASSWORD_BYTES = 4096;

export interface SendmailResult extends CommandResult {
  /** Whether the message was given to it: without an exit code nobody knows then what became of it. */
  readonly given: boolean;
}

export interface Mailer {
  /** Why the program takes no mail here, as a sentence; null when it does. */
  readonly refusal: string | null;
  /** As it is called. */
  readonly argv: readonly string[];
  /**
   * Gives it a message. `before` is called when it runs and has read nothing: as the end of our process is the end of its
   * input, everything after the first byte may be sent. What `before` throws ends the program without a byte.
   */
  sendmail(message: Uint8Array, before: () => void): Promise<SendmailResult>;
  /** Held by the one process that sends the mails of a state folder; gives how to release it, null when another one does. */
  lock(stateDir: string): Promise<(() => void) | null>;
  /** The password in a file that root alone may read, without its line end. Throws an Error with a sentence. */
  password(path: string): string;
}

/** The mailer of the server below `root`; refused for a copied one unless its program is named. */
export function openMailer(root: Root, { sendmail, systemdRun }: ActSettings): Mailer {
  const argv = sendmail ?? SENDMAIL;
  return {
    refusal: refusalOf(root, sendmail, systemdRun),
    argv,
    sendmail: async (bytes, before) => {
      let given = false;
      const result = await runCommand(
        systemdRun === undefined ? argv : outsideSandbox(systemdRun, argv, LIMIT_MS),
        LIMIT_MS,
        {
          bytes,
          before: () => {
            before();
            given = true;
          },
        },
      );
      return { ...result, given };
    },
    lock: (stateDir) => takeLock(FLOCK, join(stateDir, 'mail.lock'), 0),
    password: readPassword,
  };
}

function refusalOf(
  root: Root,
  named: readonly string[] | undefined,
  systemdRun: string | undefined,
): string | null {
  if (named === undefined && root.dir !== '/')
    return 'This is a copied server: no mail is sent unless the configuration names a program or a mail server.';
  const [program = ''] = named ?? SENDMAIL;
  if (!existsSync(program)) return `${program} is not there.`;
  if (systemdRun !== undefined && !existsSync(systemdRun))
    return `${systemdRun} is not there: the service is in a sandbox, and sendmail writes outside of it.`;
  return null;
}

/** Looked at when it is open, so that what is read is what was looked at. */
function readPassword(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw new Error(
      `The password file ${path} cannot be read (${String((error as { code?: unknown }).code)}).`,
      {
        cause: error,
      },
    );
  }
  try {
    const { mode, uid } = fstatSync(fd);
    if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.geteuid?.()))
      throw new Error(`The password file ${path} can be read by others: chown root and chmod 600.`);
    const bytes = Buffer.alloc(PASSWORD_BYTES);
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, PASSWORD_BYTES, 0));
    return text.replace(/\r?\n[^]*$/, '');
  } finally {
    closeSync(fd);
  }
}
