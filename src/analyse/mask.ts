// Takes secrets out of what is stored and shown: rule hits, request facts, raw log lines.
import type { RequestFacts, RuleHit } from '../model.ts';
import { isSecretTarget, MASK, maskSecrets, visible } from './secrets.ts';

/**
 * Masks a rule hit: matched data of a secret target becomes `••••` (whole, so that no forged part of it stays),
 * secrets inside other data, operator and message are replaced, control bytes are made visible. The target, the rule
 * and what matched stay readable.
 */
export function maskHit(hit: RuleHit): RuleHit {
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
    headerNames: request.headerNames.map(visible),
    cookieNames: request.cookieNames.map(visible),
  };
}

const HEADER_LINE =
  /^((?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]*(?:key|token|auth|secret)[\w-]*):.*$/i;

/**
 * Masks one raw line of any log for showing (decoded text, one line): like `maskHit` and `maskUri` do, wherever in
 * the line it stands. Header lines of an audit record lose their secret value as a whole.
 */
export function maskLine(rawLogLine: string): string {
  const header = HEADER_LINE.exec(rawLogLine)?.[1];
  if (header !== undefined) return `${visible(header)}: ${MASK}`;
  return visible(maskOperator(maskDataFields(rawLogLine)));
}

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
  const plain = data.includes('.') ? data.replace(RPC_METHOD, maskRpc) : data;
  return maskSecrets(maskOperator(plain));
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
  return target === undefined ? MASK : `Matched Data: ${MASK} found within ${target}: ${MASK}`;
}

/** Operators of ModSecurity 2 whose text holds the rule's own words and the variable's name, no value. */
const OWN_WORDS =
  /^(?:Pattern match|Matched phrase|detected (?:SQLi|XSS)|Operator [A-Z]{2} matched|Found \d)/;
const VARIABLE = /against variable [`"]?([^\s`'"]{1,300})['"]? \(Value: /;

/** libmodsecurity 3 writes the variable's value into the operator text; it ends before the line's fields. */
function maskOperator(text: string): string {
  if (OWN_WORDS.test(text)) return text;
  const variable = text.includes('(Value: ') ? VARIABLE.exec(text) : null;
  if (variable === null || !isSecretTarget(variable[1] ?? '')) return maskSecrets(text);
  const start = variable.index + variable[0].length;
  const fields = text.indexOf(' [file "', start);
  const rest = fields < 0 ? '' : text.slice(fields);
  return `${maskSecrets(text.slice(0, start))}\`${MASK}' )${maskSecrets(rest)}`;
}

/** The `[data "…"]` fields of a raw line; one cut in the middle ends where the next field begins. */
function maskDataFields(line: string): string {
  let out = '';
  let done = 0;
  for (let at = line.indexOf('[data "'); at >= 0; at = line.indexOf('[data "', done)) {
    const start = at + '[data "'.length;
    const end = dataEnd(line, start);
    out += line.slice(done, start) + maskData(line.slice(start, end), false);
    done = end;
  }
  return out + line.slice(done);
}

function dataEnd(line: string, start: number): number {
  const ends = [line.indexOf('"]', start), line.indexOf(' [hostname "', start)].filter((end) => end >= 0);
  return ends.length === 0 ? line.length : Math.min(...ends);
}
