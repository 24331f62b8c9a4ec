// The shape of an entry in the tables of logins.

/** What a line must look like. */
export interface LineShape {
  readonly method: 'GET' | 'POST';
  /** Null: any. */
  readonly status: readonly number[] | null;
  /** Tried on the path with repeated slashes as one. */
  readonly path: RegExp;
  readonly notPath?: RegExp;
  /** Tried on the query as `&a=1&b=2&`, values decoded, of repeated names the last; empty without one. */
  readonly query?: RegExp;
  readonly notQuery?: RegExp;
}

/** Lines as `POST /wp-login.php 302`, by what they are. */
interface LineTexts {
  readonly fits: readonly string[];
  readonly fitsNot: readonly string[];
}

export interface LoginSpec {
  readonly app: string;
  readonly sureness: 'measured' | 'judged';
  readonly login: LineShape;
  readonly failedStatus: readonly number[];
  readonly loginStatus: readonly number[];
  readonly proof: LineShape | null;
  readonly proofs: number;
  readonly distinct: boolean;
  readonly author: LineShape | null;
  readonly guessing: boolean;
  readonly lines: Readonly<Record<'isLogin' | 'failed' | 'loggedIn' | 'proves' | 'authors', LineTexts>>;
}
