// A mail server that mails are given to. The message is sent but for its last bytes; only when `before` has returned do these and
// the dot that makes it complete follow.
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Delivery, Transport } from '../actions/mail-outbox.ts';
import type { SmtpPlace } from '../actions/mail-settings.ts';

const CONNECT_MS = 15_000;
const ANSWER_MS = 120_000;
const CLOSE_MS = 2000;
/** Held back until the mail is kept as being sent. */
const LAST_BYTES = 64;
/** The password or the way of signing in was refused: that is mended by whoever set it, and the mail waits. */
const SIGN_IN = new Set([530, 534, 535, 538]);

/** What is known of a failure of the library. */
interface Failure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
}

export interface SmtpOptions {
  /** How this server calls itself. */
  readonly name: string;
  /** Reads the password; throws with a sentence. */
  readonly password: (file: string) => string;
  /** How long it waits for an answer; two minutes unless set. */
  readonly answerMs?: number;
}

/** The way through a mail server. */
export function smtpTransport(place: SmtpPlace, options: SmtpOptions): Transport {
  return {
    name: `${place.host}:${place.port}`,
    send: (mail, before) =>
      new Promise((resolve) => {
        let isMarked = false;
        // What it throws must not leave the last bytes to the library.
        const mark = (): void => {
          before();
          isMarked = true;
        };
        let pass: string | null;
        try {
          pass = place.passwordFile === undefined ? null : options.password(place.passwordFile);
        } catch (error) {
          resolve(closed(error as Failure));
          return;
        }
        const connection = new SMTPConnection({
          host: place.host,
          port: place.port,
          secure: place.secure,
          name: options.name,
          connectionTimeout: CONNECT_MS,
          greetingTimeout: CONNECT_MS,
          socketTimeout: options.answerMs ?? ANSWER_MS,
          ...protection(place),
        });
        const end = (delivery: Delivery): void => {
          resolve(delivery);
          if (delivery.outcome === 'taken') connection.quit();
          setTimeout(() => {
            connection.close();
          }, CLOSE_MS).unref();
        };
        let isOpen = false;
        connection.on('error', (error: Failure) => {
          end(isOpen ? judged(error, isMarked) : closed(error));
        });
        connection.connect((failed) => {
          if (failed !== undefined) end(closed(failed));
          else
            signIn(connection, place.user, pass, (refused) => {
              if (refused !== null) {
                end(closed(refused));
                return;
              }
              isOpen = true;
              const raw = mail.raw ?? new Uint8Array();
              const envelope = { from: mail.sender, to: [...mail.recipients], size: raw.length };
              connection.send(envelope, messageStream(raw, mark), (error, info) => {
                if (error !== null) end(judged(error, isMarked));
                else
                  end({
                    outcome: 'taken',
                    said: info.response,
                    unserved: (info.rejectedErrors ?? []).map(
                      ({ recipient = '', message, responseCode = 0 }) => ({
                        recipient,
                        said: message,
                        isFinal: responseCode >= 500,
                      }),
                    ),
                  });
              });
            });
        });
      }),
  };
}

/** On this machine nobody listens in; elsewhere a password is only sent under TLS. */
function protection({ host, secure, user, verify }: SmtpPlace): object {
  const isHere = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host);
  if (isHere && !secure) return { ignoreTLS: true };
  return { requireTLS: !secure && user !== undefined, tls: { rejectUnauthorized: verify ?? true } };
}

function signIn(
  connection: SMTPConnection,
  user: string | undefined,
  pass: string | null,
  done: (failure: Failure | null) => void,
): void {
  if (user === undefined || pass === null) done(null);
  else connection.login({ user, pass }, done);
}

function messageStream(raw: Uint8Array, mark: () => void): Readable {
  const last = Math.max(0, raw.length - LAST_BYTES);
  function* pieces(): Generator<Uint8Array> {
    if (last > 0) yield raw.subarray(0, last);
    mark();
    yield raw.subarray(last);
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Nobody took the mail: not there, not speaking, not letting us in. */
function closed({ message }: Failure): Delivery {
  return { outcome: 'refused', said: message, isFinal: false, isAnswer: false };
}

/** A failure while the mail was given. */
function judged({ message, code, responseCode }: Failure, isMarked: boolean): Delivery {
  if (responseCode !== undefined && responseCode >= 400) {
    const isFinal = responseCode >= 500 && !SIGN_IN.has(responseCode);
    return { outcome: 'refused', said: message, isFinal, isAnswer: true };
  }
  if (isMarked) return { outcome: 'unknown', said: message };
  // Too large for what the server offered.
  if (code === 'EMESSAGE') return { outcome: 'refused', said: message, isFinal: true, isAnswer: true };
  return closed({ message });
}
