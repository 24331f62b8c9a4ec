// How mails about blocks are sent: what a configuration sets, and what holds where it says nothing.

/** Which blocks are mailed at once. `off`: none. */
export type MailPolicy = 'all' | 'doubtful' | 'networks' | 'digest' | 'off';

/** A time of day of the server, `HH:MM`. */
export type DayTime = string;

/** A mail server that is spoken to. */
export interface SmtpPlace {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on; else STARTTLS where it is offered. */
  readonly secure: boolean;
  readonly user?: string | undefined;
  /** Path of a file that root alone may read. */
  readonly passwordFile?: string | undefined;
  /** False: whatever certificate it shows is taken. */
  readonly verify?: boolean | undefined;
}

/** The section `mail` of a configuration. */
export interface MailConfig {
  readonly to: readonly string[];
  readonly from?: string | undefined;
  readonly policy?: MailPolicy | undefined;
  readonly networks?: number | undefined;
  readonly daily?: boolean | undefined;
  readonly digestAt?: DayTime | undefined;
  readonly quiet?: { readonly from: DayTime; readonly to: DayTime } | undefined;
  readonly quietLets?: 'nothing' | 'false-positives' | undefined;
  readonly perHour?: number | undefined;
  readonly via?: 'sendmail' | { readonly command: readonly string[] } | SmtpPlace | undefined;
  readonly whm?: string | undefined;
}

/** What holds for the mails of a server. */
export interface MailSettings {
  readonly to: readonly string[];
  readonly from: string;
  readonly policy: Exclude<MailPolicy, 'off'>;
  /** For `networks`: so many networks of visitors who are no attackers. */
  readonly networks: number;
  /** A digest comes each day, also when nothing needs anybody. */
  readonly daily: boolean;
  readonly digestAt: DayTime;
  readonly quiet: { readonly from: DayTime; readonly to: DayTime } | null;
  /** What may break through the quiet hours. */
  readonly quietLets: 'nothing' | 'false-positives';
  /** Mails about single blocks within an hour at most. */
  readonly perHour: number;
  /** Null: the server's own sendmail, or the program of the configuration. */
  readonly smtp: SmtpPlace | null;
  /** Where WHM answers, e.g. `https://server.example.com:2087`; null: links are commands. */
  readonly whm: string | null;
}

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*$/;

/** The server's name as a mail address may have it; `localhost` for one that is not known or no name. */
export function mailHost(hostname: string | null): string {
  return hostname !== null && HOST_NAME.test(hostname) ? hostname.toLowerCase() : 'localhost';
}

/** What holds; null where no mails are wanted. Names without a domain are people of this server. */
export function mailSettings(config: MailConfig | undefined, hostname: string | null): MailSettings | null {
  if (config === undefined || config.policy === 'off') return null;
  const host = mailHost(hostname);
  const whole = (address: string): string => (address.includes('@') ? address : `${address}@${host}`);
  return {
    to: [...new Set(config.to.map(whole))],
    from: whole(config.from ?? 'whyblocked'),
    policy: config.policy ?? 'all',
    networks: config.networks ?? 3,
    daily: config.policy === 'digest' || (config.daily ?? false),
    digestAt: config.digestAt ?? '07:00',
    quiet: config.quiet ?? null,
    quietLets: config.quietLets ?? 'nothing',
    perHour: config.perHour ?? 20,
    ...placesOf(config),
  };
}

function placesOf({ via, whm }: MailConfig): Pick<MailSettings, 'smtp' | 'whm'> {
  return {
    smtp: typeof via === 'object' && 'host' in via ? via : null,
    whm: whm?.replace(/\/+$/, '') ?? null,
  };
}

/** The program that a configuration names for sending; undefined: none. */
export function mailProgram(config: MailConfig | undefined): readonly string[] | undefined {
  const via = config?.via;
  return typeof via === 'object' && 'command' in via ? via.command : undefined;
}
