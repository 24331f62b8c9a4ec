// A nameserver on a loopback port that gives the answers a test wrote, byte by byte.
import { createSocket, type Socket } from 'node:dgram';

/** What is answered to one question (`NAME TYPE`): records, a response code, silence, or bytes of its own. */
export type DnsAnswer =
  | { readonly names: readonly (string | Buffer)[] }
  | { readonly addresses: readonly string[] }
  | { readonly code: number }
  | { readonly bytes: Buffer }
  | 'silence';

export const NO_SUCH_NAME: DnsAnswer = { code: 3 };
export const SERVER_FAILURE: DnsAnswer = { code: 2 };
export const REFUSED: DnsAnswer = { code: 5 };

export interface DnsServer {
  readonly address: string;
  /** The questions that came, as `NAME TYPE`. */
  readonly asked: string[];
  /** The most questions that were open at once. */
  readonly most: () => number;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 12: 'PTR', 28: 'AAAA' };

/** Starts a nameserver; questions that `answer` gives nothing for get "no such name". */
export async function startDns(
  answer: (question: string) => DnsAnswer | undefined,
  delayMs = 0,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let open = 0;
  let most = 0;
  socket.on('message', (message, from) => {
    const question = readQuestion(message);
    asked.push(question.text);
    most = Math.max(most, ++open);
    const timer = setTimeout(() => {
      timers.delete(timer);
      open--;
      const bytes = reply(message, question, answer(question.text) ?? NO_SUCH_NAME);
      if (bytes !== null) socket.send(bytes, from.port, from.address);
    }, delayMs);
    timers.add(timer);
  });
  await bind(socket);
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    most: () => most,
    stop: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearTimeout(timer);
        socket.close(resolve);
      }),
  };
}

function bind(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', resolve);
  });
}

interface Question {
  readonly text: string;
  readonly end: number;
  readonly type: number;
}

function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const type = message.readUInt16BE(at + 1);
  return { text: `${labels.join('.')} ${TYPES[type] ?? type}`, end: at + 5, type };
}

function reply(message: Buffer, question: Question, answer: DnsAnswer): Buffer | null {
  if (answer === 'silence') return null;
  const head = Buffer.alloc(12);
  message.copy(head, 0, 0, 2);
  if ('bytes' in answer) return Buffer.concat([head.subarray(0, 2), answer.bytes]);
  const records = 'code' in answer ? [] : recordsOf(question, answer);
  head.writeUInt16BE(0x8180 | ('code' in answer ? answer.code : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, message.subarray(12, question.end), ...records]);
}

function recordsOf(
  { type }: Question,
  answer: Exclude<DnsAnswer, 'silence' | { readonly code: number } | { readonly bytes: Buffer }>,
): Buffer[] {
  const data =
    'names' in answer
      ? answer.names.map((name) => (typeof name === 'string' ? encodeName(name) : name))
      : answer.addresses.map(encodeAddress);
  return data.map((bytes) => {
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc00c, 0);
    fixed.writeUInt16BE(type, 2);
    fixed.writeUInt16BE(1, 4);
    fixed.writeUInt32BE(60, 6);
    fixed.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([fixed, bytes]);
  });
}

/** A name as DNS carries it; labels may hold any bytes (latin1). */
export function encodeName(name: string): Buffer {
  const labels = name
    .split('.')
    .flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function encodeAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const middle = Array<string>(8 - groups(left).length - groups(right).length).fill('0');
  const bytes = Buffer.alloc(16);
  [...groups(left), ...middle, ...groups(right)].forEach((group, index) => {
    bytes.writeUInt16BE(parseInt(group, 16), index * 2);
  });
  return bytes;
}
