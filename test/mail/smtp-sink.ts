// A mail server of the tests on loopback: strict, keeps what it takes with the moment of its arrival, and fails as it is told.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Phase = 'greeting' | 'hello' | 'sender' | 'recipient' | 'data' | 'dot' | 'answer';
/** `answer` is behind the acceptance: the mail is kept, whatever becomes of the answer. */
export type Fault = 'temporary' | 'permanent' | 'drop' | 'stall';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was sent, its dots unstuffed. */
  readonly raw: Buffer;
  readonly at: number;
}

export interface SinkOptions {
  /** What goes wrong in a phase; `word` is the recipient of that phase. */
  readonly fault?: (phase: Phase, word: string) => Fault | null;
  /** Waits so long before each answer. */
  readonly pauseMs?: () => number;
  readonly pipelining?: boolean;
  /** Name and password that it asks for. */
  readonly login?: readonly [string, string];
}

const GOOD: Readonly<Record<Phase, string>> = {
  greeting: '220 sink.example.com ESMTP',
  hello: '250 sink.example.com',
  sender: '250 ok',
  recipient: '250 ok',
  data: '354 go on',
  dot: '250 kept',
  answer: '250 kept',
};

export class SmtpSink {
  readonly mails: TakenMail[] = [];
  /** Commands and bodies that are not as they must be. */
  readonly breaches: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: SinkOptions) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      new Session(socket, options, this).begin();
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class Session {
  readonly #socket: Socket;
  readonly #options: SinkOptions;
  readonly #sink: SmtpSink;
  #from: string | null = null;
  #to: string[] = [];
  #isBody = false;
  #signedIn: boolean;
  #left = '';
  #queue: Promise<void> = Promise.resolve();

  constructor(socket: Socket, options: SinkOptions, sink: SmtpSink) {
    this.#socket = socket;
    this.#options = options;
    this.#sink = sink;
    this.#signedIn = options.login === undefined;
  }

  begin(): void {
    this.#then(() => this.#answer('greeting'));
    this.#socket.on('data', (chunk) => {
      this.#left += chunk.toString('latin1');
      this.#then(() => this.#read());
    });
  }

  #then(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work);
  }

  async #read(): Promise<void> {
    for (;;) {
      const mark = this.#isBody ? '\r\n.\r\n' : '\r\n';
      const end = this.#left.indexOf(mark);
      if (end < 0 || this.#socket.destroyed) return;
      const piece = this.#left.slice(0, end);
      this.#left = this.#left.slice(end + mark.length);
      await (this.#isBody ? this.#body(piece) : this.#command(piece));
    }
  }

  async #command(line: string): Promise<void> {
    if (!/^[\x20-\x7e]{1,510}$/.test(line)) this.#breach(line);
    for (const [form, work] of this.#verbs) {
      const found = form.exec(line);
      if (found === null) continue;
      await work(found[1] ?? '');
      return;
    }
    this.#breach(line);
    this.#say('500 what');
  }

  readonly #verbs: readonly (readonly [RegExp, (word: string) => Promise<void> | void])[] = [
    [/^(?:EHLO|HELO) [\w.-]+$/, () => this.#answer('hello')],
    [
      /^AUTH PLAIN (\S+)$/,
      (word) => {
        this.#login(word);
      },
    ],
    [/^MAIL FROM:<([^<>\s]+)>(?: SIZE=\d+)?$/, (word) => this.#sender(word)],
    [/^RCPT TO:<([^<>\s]+)>$/, (word) => this.#recipient(word)],
    [/^DATA$/, () => this.#data()],
    [
      /^RSET$/,
      () => {
        this.#reset('250 ok');
      },
    ],
    [
      /^QUIT$/,
      () => {
        this.#say('221 bye');
        this.#socket.end();
      },
    ],
  ];

  async #sender(word: string): Promise<void> {
    if (!this.#signedIn) this.#say('530 sign in');
    else if (this.#from !== null) this.#say('503 not now');
    else if (await this.#isGood('sender', word)) this.#from = word;
  }

  async #recipient(word: string): Promise<void> {
    if (this.#from === null) this.#say('503 not now');
    else if (await this.#isGood('recipient', word)) this.#to.push(word);
  }

  async #data(): Promise<void> {
    if (this.#to.length === 0) this.#say('503 not now');
    else this.#isBody = await this.#isGood('data', '');
  }

  async #body(piece: string): Promise<void> {
    this.#isBody = false;
    const body = `${piece}\r\n`;
    if (/[^\r]\n|\r[^\n]|\r\n\.[^.]|^\.[^.]|[^\t\r\n\x20-\x7e]/.test(body)) this.#breach('a body');
    for (const line of body.split('\r\n')) if (line.length > 998) this.#breach('a line of a body');
    if (!(await this.#isFree('dot'))) return;
    const raw = Buffer.from(body.replaceAll(/(^|\r\n)\./g, '$1'), 'latin1');
    this.#sink.mails.push({ from: this.#from ?? '', to: this.#to, raw, at: Date.now() });
    if (await this.#isFree('answer')) this.#reset(GOOD.answer);
  }

  #login(word: string): void {
    const [, user, pass] = Buffer.from(word, 'base64').toString('utf8').split('\0');
    const [wanted, secret] = this.#options.login ?? [];
    this.#signedIn = user === wanted && pass === secret;
    this.#say(this.#signedIn ? '235 come in' : '535 no');
  }

  #reset(words: string): void {
    this.#from = null;
    this.#to = [];
    this.#say(words);
  }

  async #answer(phase: 'greeting' | 'hello'): Promise<void> {
    if (!(await this.#isFree(phase))) return;
    const more = [
      ...(this.#options.pipelining === true ? ['PIPELINING'] : []),
      ...(this.#options.login === undefined ? [] : ['AUTH PLAIN']),
      'SIZE 1000000',
    ];
    if (phase === 'greeting') this.#say(GOOD.greeting);
    else
      this.#say(
        [
          `250-${GOOD.hello.slice(4)}`,
          ...more.slice(0, -1).map((one) => `250-${one}`),
          `250 ${more.at(-1) ?? ''}`,
        ].join('\r\n'),
      );
  }

  async #isGood(phase: 'sender' | 'recipient' | 'data', word: string): Promise<boolean> {
    const free = await this.#isFree(phase, word);
    if (free) this.#say(GOOD[phase]);
    return free;
  }

  /** False when something went wrong; then it is said, or not, as it must be. */
  async #isFree(phase: Phase, word = ''): Promise<boolean> {
    const pause = this.#options.pauseMs?.() ?? 0;
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const fault = this.#options.fault?.(phase, word) ?? null;
    if (fault === 'temporary') this.#say('451 not now');
    if (fault === 'permanent') this.#say('550 never');
    if (fault === 'drop') this.#socket.destroy();
    return fault === null;
  }

  #say(words: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${words}\r\n`);
  }

  #breach(what: string): void {
    this.#sink.breaches.push(what.slice(0, 200));
  }
}

/** Starts one; gives its port too. */
export async function openSink(options: SinkOptions = {}): Promise<{ sink: SmtpSink; port: number }> {
  const sink = new SmtpSink(options);
  return { sink, port: await sink.listen() };
}
