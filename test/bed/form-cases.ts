// Forms of exclusions for rules, tags and the engine, with what each does on mod_security2 2.9.7 and CRS 3.3.4.
import { ALL, PROBES, SQLI, timed } from './forms.ts';
import type { Form } from './forms.ts';

const TARGET = 'ctl:ruleRemoveTargetById=942100;ARGS:id';
const PRODUCT = 'REQUEST_FILENAME "@streq /product.php"';
const action = (text: string): string => `SecAction "id:1,phase:1,pass,nolog,${text}"\n`;
const within = (section: string, text: string): string =>
  `<${section}>\n${text}</${section.split(' ', 1)[0] ?? ''}>\n`;
const form = (name: string, conf: string, freed: string): Form => ({ name, conf, freed });
const SQL = 'sqli post other search';

/** Whole rules, by directive: every phase, this kind of vhost. */
export const DIRECTIVES: readonly Form[] = [
  form('nothing', '# nothing\n', ''),
  form('an empty file', '', ''),
  form('SecRuleRemoveById', 'SecRuleRemoveById 942100\n', SQL),
  form('a list with a quoted range', 'SecRuleRemoveById 942100 "941100-941999" 911100\n', ALL),
  form('a bare range', 'SecRuleRemoveById 941100-941999\n', 'xss'),
  form('a comma list', 'SecRuleRemoveById "942100,911100"\n', `${SQL} put`),
  form('a comma list with blanks', 'SecRuleRemoveById "942100, 911100"\n', `${SQL} put`),
  form('a range with blanks', 'SecRuleRemoveById "942000 - 942999"\n', SQL),
  form('two directives', 'SecRuleRemoveById 942100\nSecRuleRemoveById 911100\n', `${SQL} put`),
  form('an unknown id', 'SecRuleRemoveById 1234567\n', ''),
  // Read as id 0, which is that of the markers: rules that skip to one of them then skip all that follows.
  form('a word instead of an id', 'SecRuleRemoveById abc\n', ALL),
  form('id 0', 'SecRuleRemoveById 0\n', ALL),
  form('an id with a letter behind it', 'SecRuleRemoveById 942100x\n', SQL),
  form('an unclosed quote', 'SecRuleRemoveById "942100\n', SQL),
  form('a reversed range', 'SecRuleRemoveById "942999-942000"\n', ''),
  form('an id beyond 32 bits', 'SecRuleRemoveById 99999999999\n', ''),
  form('a remark behind it is read as ids', 'SecRuleRemoveById 911100 # a note\n', ALL),
  form('SecRuleRemoveByTag', 'SecRuleRemoveByTag attack-sqli\n', SQL),
  form('a tag with anchors', 'SecRuleRemoveByTag "^attack-sqli$"\n', SQL),
  form('a part of a tag', 'SecRuleRemoveByTag sql\n', SQL),
  form('a part of a tag with anchors', 'SecRuleRemoveByTag "^sql$"\n', ''),
  form('a tag in other case', 'SecRuleRemoveByTag ATTACK-SQLI\n', ''),
  form('a tag as expression', 'SecRuleRemoveByTag "attack-(sqli|xss)"\n', `${SQL} xss`),
  form('the tag of all rules', 'SecRuleRemoveByTag OWASP_CRS\n', ALL),
  form('SecRuleRemoveByMsg', 'SecRuleRemoveByMsg "SQL Injection"\n', SQL),
  form('the rule that adds up', 'SecRuleRemoveById 949110\n', ALL),
  form('a tag that the adding rule has too', 'SecRuleRemoveByTag "^attack-generic$"\n', ALL),
  form('the rule that reports', 'SecRuleRemoveById 980130\n', ''),
  form('IfModule security2_module', within('IfModule security2_module', 'SecRuleRemoveById 942100\n'), SQL),
  form('IfModule mod_security2.c', within('IfModule mod_security2.c', 'SecRuleRemoveById 942100\n'), SQL),
  form('IfModule of ModSecurity 3', within('IfModule security3_module', 'SecRuleRemoveById 942100\n'), ''),
  form('DetectionOnly', 'SecRuleEngine DetectionOnly\n', ALL),
  form('the engine off', 'SecRuleEngine Off\n', ALL),
  form('request bodies unread', 'SecRequestBodyAccess Off\n', 'post'),
  form('SecRuleUpdateTargetByTag', 'SecRuleUpdateTargetByTag attack-sqli "!ARGS:id"\n', ''),
  form(
    'SecRuleUpdateTargetById behind an own rule',
    `${action('t:none')}SecRuleUpdateTargetById 942100 "!ARGS:id"\n`,
    '',
  ),
  form(
    'LocationMatch',
    within('LocationMatch "^/product\\.php$"', 'SecRuleRemoveById 942100\n'),
    'sqli post other',
  ),
  form('Directory', within('Directory "/"', 'SecRuleRemoveById 942100\n'), SQL),
  form('DirectoryMatch', within('DirectoryMatch ".*"', 'SecRuleRemoveById 942100 911100\n'), `${SQL} put`),
  form(
    'an action inside LocationMatch',
    within('LocationMatch "^/"', action('ctl:ruleRemoveById=942100')),
    '',
  ),
  form(
    'DetectionOnly inside LocationMatch',
    within('LocationMatch "^/search"', 'SecRuleEngine DetectionOnly\n'),
    'search',
  ),
  form('an own rule of the same id as CRS', `SecAction "id:942100,phase:1,pass,nolog"\n`, ''),
];

/** Whole rules and tags by ctl, from phase 1. */
export const CONTROLS: readonly Form[] = [
  form('ctl:ruleRemoveById', action('ctl:ruleRemoveById=942100'), SQL),
  form(
    'the same in phase 2: too late',
    `SecAction "id:1,phase:2,pass,nolog,ctl:ruleRemoveById=942100"\n`,
    '',
  ),
  form('a phase-2 rule of CRS 3', action('ctl:ruleRemoveById=911100'), 'put'),
  form('a range', action('ctl:ruleRemoveById=942000-942999'), SQL),
  form('a list in quotes', action("ctl:'ruleRemoveById=942100,941100-941999'"), `${SQL} xss`),
  form('two in one rule', action('ctl:ruleRemoveById=942100,ctl:ruleRemoveById=911100'), `${SQL} put`),
  form('a word instead of an id', action('ctl:ruleRemoveById=abc'), ''),
  form('ctl:ruleRemoveByTag', action('ctl:ruleRemoveByTag=attack-sqli'), SQL),
  form('a tag with anchors', action('ctl:ruleRemoveByTag=^attack-sqli$'), SQL),
  form('a tag in other case', action('ctl:ruleRemoveByTag=ATTACK-SQLI'), ''),
  form('a tag that the adding rule has too', action('ctl:ruleRemoveByTag=^attack-generic$'), ALL),
  form(
    'ctl:ruleRemoveTargetByTag',
    action('ctl:ruleRemoveTargetByTag=^attack-sqli$;ARGS:id'),
    'sqli post search',
  ),
  form('the target of the adding rule', action('ctl:ruleRemoveTargetById=949110;TX:ANOMALY_SCORE'), ALL),
  form('a higher threshold', action('setvar:tx.inbound_anomaly_score_threshold=10'), `${SQL} put`),
  form('other methods', action("setvar:'tx.allowed_methods=GET POST PUT'"), 'put'),
  form('ctl:ruleEngine=Off', action('ctl:ruleEngine=Off'), ALL),
  form('ctl:ruleEngine=DetectionOnly', action('ctl:ruleEngine=DetectionOnly'), ALL),
  form(
    'an own rule that allows',
    'SecRule REQUEST_FILENAME "@streq /product.php" "id:1,phase:1,allow,nolog"\n',
    'sqli post other xss put',
  ),
  form('an own rule taken away again', `${action(TARGET)}SecRuleRemoveById 1\n`, ''),
  form(
    'an own rule taken away before it stands',
    `SecRuleRemoveById 1\n${action(TARGET)}`,
    'sqli post search',
  ),
  form(
    'SecDefaultAction before it',
    `SecDefaultAction "phase:1,deny,log"\n${action(TARGET)}`,
    'sqli post search',
  ),
];

/** Conditions on path and time. */
export const CONDITIONS: readonly Form[] = [
  form('the target on the path until a time', timed(PRODUCT, TARGET), 'sqli post'),
  form('the time is over', timed(PRODUCT, TARGET, 1_000_000_000), ''),
  form('a time beyond 31 bits counts as over', timed(PRODUCT, TARGET, 2_147_483_648), ''),
  form('the last time that counts', timed(PRODUCT, TARGET, 2_147_483_647), 'sqli post'),
  form(
    'time first, then path',
    `SecRule TIME_EPOCH "@lt 2000000000" "id:1,phase:1,pass,nolog,t:none,chain"\n  SecRule ${PRODUCT} "t:none,${TARGET}"\n`,
    'sqli post',
  ),
  form(
    'ctl in the first rule of a chain acts although the second fails',
    `SecRule ${PRODUCT} "id:1,phase:1,pass,nolog,t:none,${TARGET},chain"\n  SecRule TIME_EPOCH "@lt 1" "t:none"\n`,
    'sqli post',
  ),
  form(
    'a chain without its last rule: what stands in the first acts',
    `SecRule ${PRODUCT} "id:1,phase:1,pass,nolog,${TARGET.replace('id', 'q')},chain"\n`,
    'other',
  ),
  form('the rule on the path', timed(PRODUCT, 'ctl:ruleRemoveById=942100'), 'sqli post other'),
  form('the tag on the path', timed(PRODUCT, 'ctl:ruleRemoveByTag=^attack-sqli$'), 'sqli post other'),
  form('the engine off on the path', timed(PRODUCT, 'ctl:ruleEngine=Off'), 'sqli post other xss put'),
  form(
    'two targets in one rule',
    timed(PRODUCT, `${TARGET},ctl:ruleRemoveTargetById=942100;ARGS:q`),
    'sqli post other',
  ),
  form('@beginsWith', timed('REQUEST_FILENAME "@beginsWith /s"', TARGET), 'search'),
  form('@beginsWith on REQUEST_URI', timed('REQUEST_URI "@beginsWith /product.php"', TARGET), 'sqli post'),
  form('a path in other case', timed('REQUEST_FILENAME "@streq /PRODUCT.php"', TARGET), ''),
  form('a negated condition', timed('REQUEST_FILENAME "!@streq /product.php"', TARGET), 'search'),
  form('an argument of the query in phase 1', timed('ARGS_GET:id "@rx ."', TARGET), 'sqli search'),
  form('Windows line ends', timed(PRODUCT, TARGET).replaceAll('\n', '\r\n'), 'sqli post'),
  form('no line end at the end', timed(PRODUCT, TARGET).trimEnd(), 'sqli post'),
  form('a long remark', `# ${'x'.repeat(20_000)}\n${timed(PRODUCT, TARGET)}`, 'sqli post'),
  form(
    'a remark with NUL, an umlaut and a variable',
    `# a\0b ü \${HOME}\n${timed(PRODUCT, TARGET)}`,
    'sqli post',
  ),
  form(
    'a remark that ends with a backslash hides the next line',
    '# note \\\nSecRuleRemoveById 942100\n',
    '',
  ),
  form('a backslash and a blank do not', '# note \\ \nSecRuleRemoveById 942100\n', SQL),
];

const at = (path: string) => ({ path: `${path}?id=${SQLI}` });

/** How the path that phase 1 sees differs from the one in the log: it is the one of the request line, undecoded. */
export const PATHS: readonly Form[] = [
  {
    name: 'an exact path is compared as it was sent',
    conf: timed(PRODUCT, TARGET),
    probes: {
      same: at('/product.php'),
      leading: at('//product.php'),
      encoded: at('/%70roduct.php'),
      dot: at('/./product.php'),
      below: at('/product.php/more'),
      parameter: at('/product.php;x'),
    },
    freed: 'same leading',
  },
  {
    name: 'slashes within a path stay',
    conf: timed('REQUEST_FILENAME "@streq /img/a.php"', TARGET),
    probes: { one: at('/img/a.php'), two: at('/img//a.php') },
    freed: 'one',
  },
  {
    name: 'a template',
    conf: timed('REQUEST_FILENAME "@rx ^/post/[0-9a-fA-F-]+/edit$"', TARGET),
    probes: {
      number: at('/post/12/edit'),
      uuid: at('/post/4f1c-22/edit'),
      word: at('/post/xyz/edit'),
      longer: at('/post/12/edit/x'),
      lineEnd: at('/post/12/edit%0a'),
      digitEncoded: at('/post/%31/edit'),
    },
    freed: 'number uuid',
  },
  {
    name: 'quotes, commas and a backslash stand for themselves',
    conf: timed(`REQUEST_FILENAME "@streq /it's,a;b=c@d.php"`, TARGET),
    probes: { same: at("/it's,a;b=c@d.php"), product: PROBES.sqli },
    freed: 'same',
  },
  {
    name: 'a macro is expanded for each request',
    conf: timed('REQUEST_FILENAME "@streq /%{REMOTE_ADDR}"', TARGET),
    probes: { address: at('/198.51.100.23'), product: PROBES.sqli },
    freed: 'address',
  },
  {
    name: 'a variable of the environment is expanded by Apache',
    conf: timed('REQUEST_FILENAME "@streq /${LANG}"', TARGET),
    probes: { written: at('/${LANG}'), value: at('/C') },
    freed: 'value',
  },
];
