// Targets in ctl:ruleRemoveTargetById: which collections and names reach what they say.
import { SQLI, timed } from './forms.ts';
import type { Form, Probe } from './forms.ts';

/** Rules of the administrator that look for a mark in one place each; they refuse by themselves. */
export const MARK_RULES = [
  ['REQUEST_URI', 9001],
  ['REQUEST_FILENAME', 9002],
  ['REQUEST_BASENAME', 9003],
  ['REQUEST_HEADERS', 9004],
  ['REQUEST_HEADERS:User-Agent', 9005],
  ['REQUEST_COOKIES', 9006],
  ['REQUEST_COOKIES_NAMES', 9007],
  ['ARGS_NAMES', 9008],
  ['ARGS', 9009],
  ['FILES', 9010],
  ['FILES_NAMES', 9011],
  ['XML:/*', 9012],
  ['REQUEST_BODY', 9013],
  ['ARGS_GET', 9014],
  ['QUERY_STRING', 9015],
]
  .map(([variable, id]) => `SecRule ${variable} "@contains mark${id}" "id:${id},phase:2,deny,log,t:none"\n`)
  .concat(
    '# In a chain only the first rule can be told to skip a target.\n',
    'SecRule REQUEST_METHOD "@streq GET" "id:9020,phase:2,deny,log,t:none,chain"\n  SecRule ARGS:id "@contains mark9020" "t:none"\n',
    'SecRule ARGS "@contains mark9021" "id:9021,phase:2,deny,log,t:none,chain"\n  SecRule MATCHED_VARS "@contains both" "t:none"\n',
    'SecRule &ARGS:id "@eq 2" "id:9022,phase:2,deny,log,t:none"\n',
    'SecRule ARGS:v "@contains mark9023" "id:9023,phase:1,deny,log,t:none,tag:\'early\'"\n',
    'SecRule RESPONSE_STATUS "@streq 200" "id:9024,phase:3,deny,log,t:none,chain"\n  SecRule ARGS:v "@contains mark9024" "t:none"\n',
    'SecRule RESPONSE_BODY "@contains html" "id:9025,phase:4,deny,log,t:none,chain"\n  SecRule ARGS:v "@contains mark9025" "t:none"\n',
  )
  .join('');

const skip = (what: string): string =>
  timed('REQUEST_FILENAME "@beginsWith /"', `ctl:ruleRemoveTargetById=${what}`);
const target = (name: string, what: string, probes: Record<string, Probe>, freed: string): Form => ({
  name: `${name}: ${what}`,
  conf: skip(what),
  probes,
  freed,
});
const header = (headers: Record<string, string>): Probe => ({ path: '/', headers });
const query = (text: string): Probe => ({ path: `/?${text}` });
const json = (body: string): Probe => ({ path: '/', headers: { 'Content-Type': 'application/json' }, body });
const upload = (field: string, file: string): Probe => ({
  path: '/',
  headers: { 'Content-Type': 'multipart/form-data; boundary=BBB' },
  body: `--BBB\r\nContent-Disposition: form-data; name="${field}"; filename="${file}"\r\nContent-Type: text/plain\r\n\r\nx\r\n--BBB--\r\n`,
});
const xml: Probe = {
  path: '/',
  headers: { 'Content-Type': 'text/xml' },
  body: '<?xml version="1.0"?><a>mark9012</a>',
};

/** Collections, whole and by name. */
export const COLLECTIONS: readonly Form[] = [
  target('works', '9001;REQUEST_URI', { hit: query('mark9001') }, 'hit'),
  target('works', '9002;REQUEST_FILENAME', { hit: { path: '/mark9002' } }, 'hit'),
  target('works', '9003;REQUEST_BASENAME', { hit: { path: '/mark9003' } }, 'hit'),
  target('works', '9013;REQUEST_BODY', { hit: { path: '/', body: 'a=mark9013' } }, 'hit'),
  target('works', '9015;QUERY_STRING', { hit: query('mark9015') }, 'hit'),
  target(
    'one header',
    '9004;REQUEST_HEADERS:user-agent',
    { ua: header({ 'User-Agent': 'mark9004' }), other: header({ 'X-A': 'mark9004' }) },
    'ua',
  ),
  target(
    'all headers',
    '9004;REQUEST_HEADERS',
    { ua: header({ 'User-Agent': 'mark9004' }), other: header({ 'X-A': 'mark9004' }) },
    'ua other',
  ),
  target(
    'a rule for one header',
    '9005;REQUEST_HEADERS:User-Agent',
    { hit: header({ 'User-Agent': 'mark9005' }) },
    'hit',
  ),
  target(
    'the collection covers a rule for one',
    '9005;REQUEST_HEADERS',
    { hit: header({ 'User-Agent': 'mark9005' }) },
    'hit',
  ),
  target(
    'one cookie',
    '9006;REQUEST_COOKIES:sid',
    { sid: header({ Cookie: 'SID=mark9006' }), other: header({ Cookie: 'o=mark9006' }) },
    'sid',
  ),
  target(
    'the name of a cookie',
    '9007;REQUEST_COOKIES_NAMES:mark9007',
    { same: header({ Cookie: 'mark9007=1' }), longer: header({ Cookie: 'mark9007b=1' }) },
    'same',
  ),
  target(
    'the name of an argument',
    '9008;ARGS_NAMES:mark9008',
    { same: query('mark9008=1'), longer: query('mark9008b=1') },
    'same',
  ),
  target(
    'all arguments',
    '9009;ARGS',
    { a: query('a=mark9009'), post: { path: '/', body: 'b=mark9009' } },
    'a post',
  ),
  target('names in any case', '9009;args:A', { a: query('a=mark9009'), b: query('b=mark9009') }, 'a'),
  target(
    'the argument without a name',
    '9009;ARGS:',
    { empty: query('=mark9009'), b: query('b=mark9009') },
    'empty',
  ),
  target('a range of rules', '9001-9009;ARGS:a', { a: query('a=mark9009'), b: query('b=mark9009') }, 'a'),
  target(
    'an uploaded file',
    '9010;FILES:up',
    { up: upload('up', 'mark9010.txt'), other: upload('other', 'mark9010.txt') },
    'up',
  ),
  target('the field of an upload', '9011;FILES_NAMES:mark9011', { hit: upload('mark9011', 'x.txt') }, 'hit'),
  target('XML whole', '9012;XML', { xml }, 'xml'),
  target('nothing', '9012;XML:/*', { xml }, ''),
  target('nothing', '9009;ARGS:/^a/', { a: query('a=mark9009') }, ''),
  target('nothing', '9009;ARGS:*', { a: query('a=mark9009') }, ''),
  target('nothing', '9009;!ARGS:a', { a: query('a=mark9009') }, ''),
  target('nothing', '9009;ARGS_GET:a', { a: query('a=mark9009') }, ''),
  target('nothing', '9014;ARGS:a', { a: query('a=mark9014') }, ''),
  target('the collection that the rule names', '9014;ARGS_GET:a', { a: query('a=mark9014') }, 'a'),
  target('nothing', '9009;NOPE:a', { a: query('a=mark9009') }, ''),
  target('nothing: a count', '9022;ARGS:id', { twice: query('id=1&id=2') }, ''),
  target('nothing: a count', '9022;&ARGS:id', { twice: query('id=1&id=2') }, ''),
  target('nothing: named in the second rule of a chain', '9020;ARGS:id', { hit: query('id=mark9020') }, ''),
  target('named in the first', '9020;REQUEST_METHOD', { hit: query('id=mark9020') }, 'hit'),
  target('named in the first', '9021;ARGS:x', { hit: query('x=mark9021both') }, 'hit'),
  target('nothing', '9021;MATCHED_VARS', { hit: query('x=mark9021both') }, ''),
  target('CRS: the extension stands in the second', '920440;TX:EXTENSION', { bak: { path: '/a.bak' } }, ''),
  target(
    'CRS: the name of the file in the first',
    '920440;REQUEST_BASENAME',
    { bak: { path: '/a.bak' } },
    'bak',
  ),
  target(
    'CRS: the log names the argument of the second rule',
    '944110;ARGS:d',
    { two: query('c=java.lang.Runtime&d=unmarshaller') },
    '',
  ),
];

/** Names in JSON bodies have no prefix and no index. */
export const JSON_NAMES: readonly Form[] = [
  target('a member', '9009;ARGS:a', { a: json('{"a":"mark9009"}'), b: json('{"b":"mark9009"}') }, 'a'),
  target('nothing', '9009;ARGS:json.a', { a: json('{"a":"mark9009"}') }, ''),
  target('nested', '9009;ARGS:a.b', { nested: json('{"a":{"b":"mark9009"}}') }, 'nested'),
  target('in a list', '9009;ARGS:a.a', { list: json('{"a":["x","mark9009"]}') }, 'list'),
  target('an object in a list', '9009;ARGS:a.a.b', { list: json('{"a":[{"b":"mark9009"}]}') }, 'list'),
  target('a list alone', '9009;ARGS:array.array', { list: json('["mark9009"]') }, 'list'),
];

const named = (name: string, written: string, freed: 'same' | ''): Form => ({
  name: `${JSON.stringify(name)} as ${written}`,
  conf: skip(`9009;ARGS:${written}`),
  probes: { same: query(`${encodeURIComponent(name)}=mark9009`), other: query('plain=mark9009') },
  freed,
});
const quoted = (name: string, written: string, freed: 'same' | ''): Form => ({
  ...named(name, written, freed),
  name: `${JSON.stringify(name)} in quotes as ${written}`,
  conf: timed('REQUEST_FILENAME "@beginsWith /"', `ctl:'ruleRemoveTargetById=9009;ARGS:${written}'`),
});

/** The name is compared in the form that the log shows. */
export const NAMES: readonly Form[] = [
  ...[
    'a[b]',
    'a[]',
    'a.b',
    'a-b',
    'a:b',
    'a=b',
    'a/b',
    '/b/',
    'a+b',
    "it's",
    '$x',
    'a%b',
    'a(b)',
    'a{b}',
    '#a',
    'a@b',
    'a?b',
  ].map((name) => named(name, name, 'same')),
  named('x'.repeat(300), 'x'.repeat(300), 'same'),
  named('%{REMOTE_ADDR}', '%{REMOTE_ADDR}', 'same'),
  named('a"b', 'a\\"b', 'same'),
  named('näme', 'näme', ''),
  named('näme', 'n\\xc3\\xa4me', 'same'),
  named('a\tb', 'a\\tb', 'same'),
  named('a\\b', 'a\\b', ''),
  named('a\\b', 'a\\\\\\\\b', 'same'),
  named('a;b', 'a;b', ''),
  named('a;b', 'a\\x3bb', ''),
  named('a ', 'a ', ''),
  named('${LANG}', '${LANG}', ''),
  quoted('a b', 'a b', 'same'),
  quoted(' a ', ' a ', 'same'),
  quoted('a|b', 'a|b', 'same'),
  quoted("it's", "it\\'s", 'same'),
  quoted('a,b', 'a,b', ''),
  quoted('a;b', 'a;b', ''),
];

const v = (id: number): Probe => query(`v=mark${id}`);
const LATER = { phase1: v(9023), phase3: v(9024), phase4: v(9025) };

/** What phase 1 of the vhost comes too late for, and what not. */
export const PHASES: readonly Form[] = [
  {
    name: 'ctl reaches phases 3 and 4, not phase 1',
    conf: timed('REQUEST_FILENAME "@beginsWith /"', 'ctl:ruleRemoveById=9023-9025'),
    probes: LATER,
    freed: 'phase3 phase4',
  },
  {
    name: 'ctl by tag does not reach phase 1',
    conf: timed('REQUEST_FILENAME "@beginsWith /"', 'ctl:ruleRemoveByTag=^early$'),
    probes: LATER,
    freed: '',
  },
  { name: 'ctl with a target does not reach phase 1', conf: skip('9023;ARGS:v'), probes: LATER, freed: '' },
  {
    name: 'the engine off by ctl does not reach phase 1',
    conf: timed('REQUEST_FILENAME "@beginsWith /"', 'ctl:ruleEngine=Off'),
    probes: LATER,
    freed: 'phase3 phase4',
  },
  {
    name: 'the directive reaches all phases',
    conf: 'SecRuleRemoveById 9023-9025\n',
    probes: LATER,
    freed: 'phase1 phase3 phase4',
  },
  {
    name: 'the directive by tag reaches phase 1',
    conf: 'SecRuleRemoveByTag "^early$"\n',
    probes: LATER,
    freed: 'phase1',
  },
  {
    name: 'the directive in LocationMatch does not reach phase 1',
    conf: '<LocationMatch "^/">\nSecRuleRemoveById 9023-9025 942100\n</LocationMatch>\n',
    probes: { ...LATER, sqli: query(`id=${SQLI}`) },
    freed: 'phase3 phase4 sqli',
  },
  {
    name: 'the directive in DirectoryMatch does not reach phase 1',
    conf: '<DirectoryMatch ".*">\nSecRuleRemoveById 9023-9025\n</DirectoryMatch>\n',
    probes: LATER,
    freed: 'phase3 phase4',
  },
];
