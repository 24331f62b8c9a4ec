// The rules that the stories trip, as CRS 3.3.4 logs them: file, line, message, severity, and what the operator says.

/** One line that a rule writes; texts as the audit log holds them. */
export interface RawRule {
  readonly file: string;
  readonly line: string;
  readonly message: string;
  readonly severity: 'CRITICAL' | 'ERROR' | 'WARNING' | 'NOTICE';
  readonly tags: readonly string[];
  /** The operator's words; `target` is where it matched, `matched` what. */
  readonly says: (target: string, matched: string) => string;
  /** How the data text begins; null for a rule without data. */
  readonly data: 'matched' | 'value' | null;
}

const RULES = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules';

const rx =
  (pattern: string) =>
  (target: string): string =>
    `Pattern match "${pattern}" at ${target}.`;
const phrase = (target: string, matched: string): string => `Matched phrase "${matched}" at ${target}.`;

function rule(
  [file, line]: readonly [string, number],
  [message, tag]: readonly [string, string],
  says: RawRule['says'],
  more: Partial<RawRule> = {},
): RawRule {
  return {
    file: `${RULES}/${file}.conf`,
    line: String(line),
    message,
    severity: 'CRITICAL',
    tags: ['application-multi', 'language-multi', 'platform-multi', tag, 'paranoia-level/1', 'OWASP_CRS'],
    says,
    data: 'matched',
    ...more,
  };
}

const LFI = 'REQUEST-930-APPLICATION-ATTACK-LFI';
const RCE = 'REQUEST-932-APPLICATION-ATTACK-RCE';
const XSS = 'REQUEST-941-APPLICATION-ATTACK-XSS';
const SQLI = 'REQUEST-942-APPLICATION-ATTACK-SQLI';
const PROTOCOL = 'REQUEST-920-PROTOCOL-ENFORCEMENT';

/** Rule id to the line that it writes. */
export const RAW_RULES: Readonly<Record<string, RawRule>> = {
  '911100': rule(
    ['REQUEST-911-METHOD-ENFORCEMENT', 44],
    ['Method is not allowed by policy', 'attack-generic'],
    () => 'Match of "within %{tx.allowed_methods}" against "REQUEST_METHOD" required.',
    { data: 'value' },
  ),
  '913100': rule(
    ['REQUEST-913-SCANNER-DETECTION', 55],
    ['Found User-Agent associated with security scanner', 'attack-reputation-scanner'],
    phrase,
  ),
  '920280': rule(
    [PROTOCOL, 550],
    ['Request Missing a Host Header', 'attack-protocol'],
    () => 'Operator EQ matched 0 at REQUEST_HEADERS.',
    { severity: 'WARNING', data: null },
  ),
  '920300': rule(
    [PROTOCOL, 1131],
    ['Request Missing an Accept Header', 'attack-protocol'],
    () => 'Operator EQ matched 0 at REQUEST_HEADERS.',
    { severity: 'NOTICE', data: null },
  ),
  '920350': rule(
    [PROTOCOL, 736],
    ['Host header is a numeric IP address', 'attack-protocol'],
    rx('^[\\\\d.:]+$'),
    { severity: 'WARNING', data: 'value' },
  ),
  '920420': rule(
    [PROTOCOL, 957],
    ['Request content type is not allowed by policy', 'attack-protocol'],
    () => 'Match of "within %{tx.allowed_request_content_type}" against "TX:content_type" required.',
    { data: 'value' },
  ),
  '921110': rule(
    ['REQUEST-921-PROTOCOL-ATTACK', 39],
    ['HTTP Request Smuggling Attack', 'attack-protocol'],
    rx('(?:get|post|head|options|connect|put|delete|trace|patch|propfind)\\\\s+(?:\\\\/|\\\\w)[^\\\\s]*'),
  ),
  '930110': rule(
    [LFI, 72],
    ['Path Traversal Attack (/../)', 'attack-lfi'],
    rx('(?:^|[\\\\/])\\\\.\\\\.(?:[\\\\/]|$)'),
  ),
  '930120': rule([LFI, 98], ['OS File Access Attempt', 'attack-lfi'], phrase),
  '930130': rule([LFI, 125], ['Restricted File Access Attempt', 'attack-lfi'], phrase),
  '932100': rule(
    [RCE, 123],
    ['Remote Command Execution: Unix Command Injection', 'attack-rce'],
    rx('(?:;|\\\\{|\\\\||\\\\|\\\\||&|&&|\\\\n|\\\\r|\\\\$\\\\(|`) ...'),
  ),
  '932160': rule([RCE, 501], ['Remote Command Execution: Unix Shell Code Found', 'attack-rce'], phrase),
  '933110': rule(
    ['REQUEST-933-APPLICATION-ATTACK-PHP', 108],
    ['PHP Injection Attack: PHP Script File Upload Found', 'attack-injection-php'],
    rx('.*\\\\.(?:php\\\\d*|phtml)\\\\.*$'),
  ),
  '941100': rule(
    [XSS, 56],
    ['XSS Attack Detected via libinjection', 'attack-xss'],
    () => 'detected XSS using libinjection.',
  ),
  '941160': rule(
    [XSS, 200],
    ['NoScript XSS InjectionChecker: HTML Injection', 'attack-xss'],
    rx('(?i:(?:<\\\\w[\\\\s\\\\S]*[\\\\s\\\\/]|[\'\\"](?:[\\\\s\\\\S]*[\\\\s\\\\/])?)(?:on(?:d ...'),
  ),
  '941180': rule([XSS, 251], ['Node-Validator Blacklist Keywords', 'attack-xss'], phrase),
  '942100': rule(
    [SQLI, 66],
    ['SQL Injection Attack Detected via libinjection', 'attack-sqli'],
    (_target, matched) => `detected SQLi using libinjection with fingerprint '${matched}'`,
  ),
  '942190': rule(
    [SQLI, 184],
    ['Detects MSSQL code execution and information gathering attempts', 'attack-sqli'],
    rx('(?i:(?:[\\"\'`](?:;?\\\\s*?(?:having|select|union)\\\\b ...'),
  ),
  '942200': rule(
    [SQLI, 702],
    ['Detects MySQL comment-/space-obfuscated injections and backtick termination', 'attack-sqli'],
    rx('(?i:(?:,.*?(?:[\\\\)\\\\da-f\\"\'`] ...'),
  ),
  '942360': rule(
    [SQLI, 445],
    ['Detects concatenated basic SQL injection and SQLLFI attempts', 'attack-sqli'],
    rx('(?i:(?:^[\\\\W\\\\d]+\\\\s*?(?:alter\\\\s* ...'),
  ),
  '942440': rule(
    [SQLI, 1104],
    ['SQL Comment Sequence Detected', 'attack-sqli'],
    rx(
      "(?:/\\\\*!?|\\\\*/|[';]--|--[\\\\s\\\\r\\\\n\\\\v\\\\f]|(?:--[^-]*?-)|([^\\\\-&])#.*?[\\\\s\\\\r\\\\n\\\\v\\\\f]|;?\\\\x00)",
    ),
  ),
  '944150': rule(
    ['REQUEST-944-APPLICATION-ATTACK-JAVA', 259],
    ['Potential Remote Command Execution: Log4j / Log4shell', 'attack-rce'],
    rx('(?i)(?:\\\\$|&dollar;?)(?:\\\\{|&l(?:brace|cub);?)(?:[^\\\\}]{0,15}(?:\\\\$|&dollar;?) ...'),
  ),
  '951220': rule(
    ['RESPONSE-951-DATA-LEAKAGES-SQL', 300],
    ['mssql SQL Information Leakage', 'attack-disclosure'],
    rx(
      '(?i)(?:System\\\\.Data\\\\.OleDb\\\\.OleDbException|\\\\[Microsoft\\\\]\\\\[ODBC SQL Server Driver\\\\] ...',
    ),
  ),
};

/** Points that a severity is worth. */
export const POINTS: Readonly<Record<RawRule['severity'], number>> = {
  CRITICAL: 5,
  ERROR: 4,
  WARNING: 3,
  NOTICE: 2,
};

const plain = (tag: string): readonly string[] => [
  'application-multi',
  'language-multi',
  'platform-multi',
  tag,
];

/** The line that refuses: inbound before the site was asked, outbound after it answered. */
export function refusal(total: number, outbound: boolean): RawRule & { readonly id: string } {
  const what = outbound ? 'RESPONSE-959-BLOCKING-EVALUATION' : 'REQUEST-949-BLOCKING-EVALUATION';
  return {
    id: outbound ? '959100' : '949110',
    file: `${RULES}/${what}.conf`,
    line: outbound ? '76' : '94',
    message: `${outbound ? 'Outbound' : 'Inbound'} Anomaly Score Exceeded (Total Score: ${total})`,
    severity: 'CRITICAL',
    tags: plain('attack-generic'),
    says: () => `Operator GE matched ${outbound ? 4 : 5} at TX:${outbound ? 'outbound_' : ''}anomaly_score.`,
    data: null,
  };
}

/** The line that sums up after a refusal. */
export function correlation(
  total: number,
  outbound: boolean,
): Omit<RawRule, 'severity'> & { readonly id: string } {
  return {
    id: outbound ? '980140' : '980130',
    file: `${RULES}/RESPONSE-980-CORRELATION.conf`,
    line: outbound ? '115' : '92',
    message: outbound
      ? `Outbound Anomaly Score Exceeded (score ${total}): individual paranoia level scores: ${total}, 0, 0, 0`
      : `Inbound Anomaly Score Exceeded (Total Inbound Score: ${total} - SQLI=0,XSS=0,RFI=0,LFI=0,RCE=0,PHPI=0,HTTP=0,SESS=0): individual paranoia level scores: ${total}, 0, 0, 0`,
    tags: ['event-correlation'],
    says: () =>
      `Operator GE matched ${outbound ? 4 : 5} at TX:${outbound ? 'outbound' : 'inbound'}_anomaly_score.`,
    data: null,
  };
}
