// Takes secrets out of what is stored and shown: rule hits, request facts, raw log lines.
import type { RequestFacts, RuleHit } from '../model.ts';
import { isSecretHeader, isSecretName, isSecretTarget, MASK, maskSecrets, visible } from './secrets.ts';

/**
 * Masks a rule hit: matched data of a secret target becomes `••••` (whole, so that no forged part of it stays),
 * secrets inside other data, operator and message are replaced, control bytes are made visible. The target, the rule
 * and what matched stay readable.
 */
export function maskHit(hit: RuleHit): RuleHit {
  const masked = maskedHits.get(hit) ?? maskOf(hit);
  maskedHits.set(hit, masked);
  return masked;
}

/** Hits come again as the same objects where a parser knows their text. */
const maskedHits = new WeakMap<RuleHit, RuleHit>();

function maskOf(hit: RuleHit): RuleHit {
  const secret = hit.target !== null && isSecretTarget(hit.target);
  return {
    ...hit,
    operator: repeated(hit.operator, maskOperator),
    target: hit.target === null ? null : visible(maskSecrets(hit.target)),
    message: hit.message === null ? null : repeated(hit.message, maskSecrets),
    data: hit.data === null ? null : visible(maskData(hit.data, secret)),
  };
}

// Operator and message mostly come from the rule, not from the visitor: a few hundred texts, logged again and again.
const seen = new Map<string, string>();
const SEEN_AT_MOST = 1000;

function repeated(text: string, mask: (text: string) => string): string {
  const key = `${mask.name} ${text}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  if (seen.size >= SEEN_AT_MOST) seen.clear();
  const masked = visible(mask(text));
  seen.set(key, masked);
  return masked;
}

/** Masks an address as sent: secret parameters (nested ones too), logins, session ids; control bytes made visible. */
export function maskUri(uri: string): string {
  return visible(maskSecrets(uri));
}

/** Masks a value that was sent, under a name that is no secret's; calls of XML-RPC and parts of forms too. */
export function maskValue(value: string): string {
  return visible(maskData(value, false));
}

/** Masks what is kept of a request; header and cookie names stay, values were never kept. */
export function maskRequest(request: RequestFacts): RequestFacts {
  const masked = (text: string | null): string | null => (text === null ? null : maskUri(text));
  return {
    ...request,
    method: masked(request.method),
    uri: masked(request.uri),
    protocol: masked(request.protocol),
    host: masked(request.host),
    userAgent: masked(request.userAgent),
    referer: masked(request.referer),
    contentType: masked(request.contentType),
    headerNames: request.headerNames.map(maskUri),
    cookieNames: request.cookieNames.map(maskUri),
    ...(request.clientHints === undefined ? {} : { clientHints: masked(request.clientHints) }),
  };
}

const HEADER_LINE = /^([\w-]{1,80}):(?=.*\S)/;
/** Names that no line of prose or of syslog begins with. */
const HEADER_NAME = /-|^(?:authorization|cookie2?|token|apikey|password|secret)$/i;
const AUDIT_MARK = /^--(?:[\w.]{4,40}-|-\w{8}---)[A-Z]--$/;
const ONE_WORD = /^[^\s=:<>{}[\]&;,]{4,256}$/;

/**
 * Masks one raw line of any log for showing (decoded text, one line): like `maskHit` and `maskUri` do, wherever in
 * the line it stands. Header lines of an audit record lose their secret value as a whole.
 */
export function maskLine(rawLogLine: string): string {
  const header = HEADER_LINE.exec(rawLogLine)?.[1];
  if (header !== undefined && HEADER_NAME.test(header) && (isSecretHeader(header) || isSecretName(header)))
    return `${visible(header)}: ${MASK}`;
  return visible(maskOperator(maskFoundWithin(maskRpcCalls(maskDataFields(rawLogLine)))));
}

/**
 * The same for a line of an audit log, whose bodies stand there line by line: what a field of a multipart or XML body
 * is called stands in another line, so a line that is one word, or one XML value, is masked whatever it is.
 */
export function maskAuditLine(rawLogLine: string): string {
  const line = rawLogLine.trim();
  if (AUDIT_MARK.test(line)) return visible(rawLogLine);
  if (ONE_WORD.test(line)) return MASK;
  const value = XML_VALUE.exec(line);
  return value === null ? maskLine(rawLogLine) : `${value[1] ?? ''}${MASK}${value[2] ?? ''}`;
}

/** Masks lines that were pasted together: as an audit log's when a record begins or goes on among them. */
export function maskLines(rawLogLines: readonly string[]): string[] {
  const isAudit = rawLogLines.some((line) => AUDIT_MARK.test(line.trim()));
  return rawLogLines.map(isAudit ? maskAuditLine : maskLine);
}

const XML_VALUE =
  /^((?:<(?:param|value|string|int|i4|base64|data)>\s{0,20}){1,6})[^<>]{1,4000}((?:\s{0,20}<\/(?:param|value|string|int|i4|base64|data)>){0,6})$/;

const FOUND_WITHIN = / found within ([A-Z_]{2,40}(?::[^:]{0,200}(?::[^:]{0,200})?)?): /g;
/** Methods of WordPress's XML-RPC whose first texts are a user name and a password; longer names first. */
const RPC_METHOD = new RegExp(
  `\\b((?:wp|metaWeblog|blogger|mt)\\.(?:${[
    'getUsersBlogs',
    'getUserInfo',
    'getUsers',
    'getUser',
    'newPost',
    'editPost',
    'deletePost',
    'getPosts',
    'getPostCategories',
    'getPostStatusList',
    'getPostFormats',
    'getPostTypes',
    'getPostType',
    'getPost',
    'getRecentPostTitles',
    'getRecentPosts',
    'newTerm',
    'editTerm',
    'deleteTerm',
    'getTerms',
    'getTerm',
    'getTaxonomy',
    'getTaxonomies',
    'getProfile',
    'editProfile',
    'getPageStatusList',
    'getPageTemplates',
    'getPageList',
    'getPages',
    'getPage',
    'newPage',
    'deletePage',
    'editPage',
    'getAuthors',
    'getCategoryList',
    'getCategories',
    'getTags',
    'newCategory',
    'deleteCategory',
    'suggestCategories',
    'uploadFile',
    'deleteFile',
    'getCommentStatusList',
    'getCommentCount',
    'getComments',
    'getComment',
    'newComment',
    'editComment',
    'deleteComment',
    'getOptions',
    'setOptions',
    'getMediaItem',
    'getMediaLibrary',
    'newMediaObject',
    'getRevisions',
    'restoreRevision',
    'setPostCategories',
    'publishPost',
  ].join('|')}))([^<]*)`,
  'gi',
);

/** The `[data]` text of a hit. `secret`: the hit's own target is a secret one. */
function maskData(data: string, secret: boolean): string {
  if (secret || namesSecretTarget(data)) return maskWhole(data);
  const plain = data.includes('.') ? maskSecretCalls(data).replace(RPC_METHOD, maskRpc) : data;
  return maskSecrets(maskOperator(plain));
}

/** A raw line with a call: its tags still stand, and a call of calls holds many methods. */
function maskRpcCalls(line: string): string {
  return line.includes('methodName') ? maskSecretCalls(line) : line;
}

const TAGGED = /(?:<|&lt;|%3c|\\u003c)\/?/i;

/** From the first method on that takes a password, all texts of the call are left out. */
function maskSecretCalls(text: string): string {
  RPC_METHOD.lastIndex = 0;
  const method = RPC_METHOD.exec(text);
  RPC_METHOD.lastIndex = 0;
  if (method === null) return text;
  const start = method.index + (method[1] ?? '').length;
  if (!TAGGED.test(text.slice(start, start + 20))) return text;
  const closing = text.slice(start).search(/(?:<|&lt;|%3c)\/methodCall|" (?:\d|\[)|"\]/i);
  return text.slice(0, start) + MASK + (closing < 0 ? '' : text.slice(start + closing));
}

/** XML-RPC puts user name and password right behind the method's name once the tags are gone. */
function maskRpc(whole: string, method: string, rest: string): string {
  return rest.trim() === '' ? whole : `${method}${MASK}`;
}

function namesSecretTarget(data: string): boolean {
  const pair = /^([A-Z_]{2,40}:[^=]{1,200})=/.exec(data)?.[1];
  if (pair !== undefined && isSecretTarget(pair)) return true;
  if (!data.includes(' found within ')) return false;
  for (const match of data.matchAll(FOUND_WITHIN)) {
    if (isSecretTarget(match[1] ?? '')) return true;
  }
  return false;
}

/** Keeps the frame of the text and the target's name, so that the kind of hit stays readable. */
function maskWhole(data: string): string {
  const target = [...data.matchAll(FOUND_WITHIN)].find((match) => isSecretTarget(match[1] ?? ''))?.[1];
  return target === undefined ? MASK : `Matched Data: ${MASK} found within ${maskSecrets(target)}: ${MASK}`;
}

/** Operators of ModSecurity 2 whose text holds the rule's own words and the variable's name, no value. */
const OWN_WORDS =
  /^(?:Pattern match|Matched phrase|detected (?:SQLi|XSS)|Operator [A-Z]{2} matched|Found \d)/;
const VARIABLE = /against variable [`"]?([^\s`'"]{1,300})['"]? \(Value: /g;

/** The rule's own words stay; the variable's name behind them is the visitor's, and may hold a secret. */
function maskName(text: string): string {
  const quoted = text.startsWith('detected') || text.startsWith('Found') ? 0 : text.indexOf('" at ');
  const name = quoted < 0 ? -1 : text.slice(quoted).search(/ (?:at|in) [A-Z]/);
  return name < 0 ? text : text.slice(0, quoted + name) + maskSecrets(text.slice(quoted + name));
}

/** libmodsecurity 3 writes the variable's value into the operator text; it ends before the line's fields. */
function maskOperator(text: string): string {
  if (OWN_WORDS.test(text)) return maskName(text);
  let out = '';
  let done = 0;
  VARIABLE.lastIndex = 0;
  for (let found = VARIABLE.exec(text); found !== null; found = VARIABLE.exec(text)) {
    if (!isSecretTarget(found[1] ?? '')) continue;
    const start = VARIABLE.lastIndex;
    const fields = text.indexOf(' [file "', start);
    out += `${maskSecrets(text.slice(done, start))}\`${MASK}' )`;
    done = fields < 0 ? text.length : fields;
    VARIABLE.lastIndex = done;
  }
  return out + maskSecrets(text.slice(done));
}

/** What was found within a secret target and stands in no field: in JSON records, and in the middle of other texts. */
function maskFoundWithin(line: string): string {
  if (!line.includes(' found within ')) return line;
  let out = '';
  let done = 0;
  FOUND_WITHIN.lastIndex = 0;
  for (let found = FOUND_WITHIN.exec(line); found !== null; found = FOUND_WITHIN.exec(line)) {
    if (!isSecretTarget(found[1] ?? '') || line.startsWith(MASK, FOUND_WITHIN.lastIndex)) continue;
    const begin = line.slice(done, found.index).lastIndexOf('Matched Data: ');
    out +=
      begin < 0 ? line.slice(done, found.index) : `${line.slice(done, done + begin)}Matched Data: ${MASK}`;
    out += ` found within ${maskSecrets(found[1] ?? '')}: ${MASK}`;
    done = textEnd(line, FOUND_WITHIN.lastIndex);
    FOUND_WITHIN.lastIndex = done;
  }
  return out + line.slice(done);
}

/** The next quote that is not escaped, else the end. */
function textEnd(line: string, from: number): number {
  for (let quote = line.indexOf('"', from); quote >= 0; quote = line.indexOf('"', quote + 1)) {
    if (line.charAt(quote - 1) !== '\\') return quote;
  }
  return line.length;
}

/** The `[data "…"]` fields of a raw line; one cut in the middle ends where the next field begins. */
function maskDataFields(line: string): string {
  let out = '';
  let done = 0;
  DATA_FIELD.lastIndex = 0;
  for (let field = DATA_FIELD.exec(line); field !== null; field = DATA_FIELD.exec(line)) {
    const start = DATA_FIELD.lastIndex;
    const end = dataEnd(line, start);
    out += line.slice(done, start) + maskData(line.slice(start, end), false);
    done = end;
    DATA_FIELD.lastIndex = end;
  }
  return out + line.slice(done);
}

/** Within JSON its quotes are escaped. */
const DATA_FIELD = /\[data \\{0,3}"/g;

function dataEnd(line: string, start: number): number {
  const ends = [line.indexOf('"]', start), line.indexOf(' [hostname "', start)].filter((end) => end >= 0);
  return ends.length === 0 ? line.length : Math.min(...ends);
}
