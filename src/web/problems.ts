// Problems a page can have: each with its status and its own words. One place turns any error into one.

/** A refusal with a status and words for the user. */
export class WebProblem extends Error {
  readonly status: number;
  /** Methods that would be allowed, for 405. */
  readonly allow: string | null;

  constructor(status: number, message: string, allow: string | null = null) {
    super(message);
    this.name = 'WebProblem';
    this.status = status;
    this.allow = allow;
  }
}

/** What the error page shows. `id` is set for failures of ours (500). */
export interface ProblemView {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly id: string | null;
  readonly allow: string | null;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'This request cannot be read.',
  401: 'You are not signed in.',
  403: 'Refused, nothing was changed.',
  404: 'There is no such page.',
  405: 'This page cannot be asked for in that way.',
  409: 'This was refused.',
  413: 'The pasted text is too long.',
  429: 'Too much at once.',
};

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Nothing was changed. Go back and try again.',
  404: 'The address names no page of Whyblocked.',
  413: 'One MiB can be read at once. Paste only the part with the lines, or the mail without its attachments.',
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether an error says that the user's text cannot be understood (it may come out of a worker, so by name). */
export function isBadInput(error: unknown): error is { readonly message: string } {
  return isRecord(error) && error.name === 'BadInput' && typeof error.message === 'string';
}

/** Whether an error says, in words for the user, that something right was refused, e.g. because too much waits already. */
export function isRefused(error: unknown): error is { readonly message: string } {
  return isRecord(error) && error.name === 'Refused' && typeof error.message === 'string';
}

/** The engine's own words to the user as a problem of the page: 400 for what cannot be read, 409 for what was refused; any other error as it is. */
export function spokenProblem(error: unknown): unknown {
  if (isBadInput(error)) return new WebProblem(400, error.message);
  return isRefused(error) ? new WebProblem(409, error.message) : error;
}

/** The status a failing request parser or router gave, 4xx only; null otherwise. */
function clientStatus(error: unknown): number | null {
  const status = isRecord(error) ? error.status : null;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  return TITLES[status] === undefined ? 400 : status;
}

/** Of a page that exists, about something that does not, its own sentence says what is not there. */
function titleOf(status: number, said: string): string {
  if (status === 404 && said !== '') return 'There is no such thing here.';
  return TITLES[status] ?? TITLES[400] ?? '';
}

/** Turns any error into what its page says. Words of foreign errors are never shown; `newId` names a failure of ours. */
export function problemOf(error: unknown, newId: () => string): ProblemView {
  if (isBadInput(error)) {
    return { status: 400, title: 'This cannot be explained.', text: error.message, id: null, allow: null };
  }
  const spoken = spokenProblem(error);
  const own = spoken instanceof WebProblem ? spoken : null;
  const status = own?.status ?? clientStatus(error);
  if (status === null) {
    return {
      status: 500,
      title: 'This page could not be made.',
      text: 'Something in Whyblocked failed. Nothing was changed. Its own log has the details under this number:',
      id: newId(),
      allow: null,
    };
  }
  const said = own?.message ?? '';
  const text = said === '' ? (TEXTS[status] ?? '') : said;
  return { status, title: titleOf(status, said), text, id: null, allow: own?.allow ?? null };
}
