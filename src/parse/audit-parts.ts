// What the forms of the audit log have in common: messages, the client that they name, the arguments of a request.
import type { RequestFacts } from '../model.ts';
import type { AuditRecord } from './audit-log.ts';
import { clientAddress } from './client-address.ts';
import { parseModsecMessage, readEngineMessage } from './modsec-message.ts';
import {
  bodyArguments,
  MOST_ARGUMENTS,
  queryArguments,
  type BodyForm,
  type RequestArgument,
} from './request-arguments.ts';

const ERROR_CLIENT =
  /^\[file "apache2_util\.c"\] \[line \d{1,6}\] \[level \d\] \[client ([0-9a-fA-F:.]{2,45})\] ModSecurity: /;

/** The client that Apache's own copy of a message names (without `Apache-Error: `); null for any other text. */
export function errorClient(text: string): string | null {
  const client = ERROR_CLIENT.exec(text.slice(0, 160))?.[1];
  return client === undefined ? null : clientAddress(client);
}

/** Reads the messages of one record (2.9's texts, latin1) in their order. */
export function readMessages(texts: readonly string[]): Pick<AuditRecord, 'messages' | 'engineErrors'> {
  const messages: AuditRecord['messages'][number][] = [];
  const engineErrors: AuditRecord['engineErrors'][number][] = [];
  for (const [messageIndex, text] of texts.entries()) {
    const message = parseModsecMessage(text);
    const error = message === null ? readEngineMessage(text) : null;
    if (message !== null) messages.push({ ...message, messageIndex });
    if (error !== null) engineErrors.push(error);
  }
  return { messages, engineErrors };
}

/** Arguments of the query, then of the body. `target` is the request's, raw (latin1), `body` as recorded. */
export function recordArguments(
  request: RequestFacts,
  target: string,
  body: string,
  form: BodyForm,
): RequestArgument[] {
  const query = queryArguments(target);
  return [...query, ...bodyArguments(body, request.contentType, form)].slice(0, MOST_ARGUMENTS);
}

/** The method that an XML-RPC body calls; null for any other body. */
export function rpcMethodOf(body: string): string | null {
  if (!body.includes('<methodName>')) return null;
  return /<methodName>\s{0,100}([\w.]{1,60})\s{0,100}<\/methodName>/.exec(body.slice(0, 4096))?.[1] ?? null;
}
