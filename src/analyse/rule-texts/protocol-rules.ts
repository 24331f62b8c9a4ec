// Finer titles, and a sentence where it helps, for rules on requests, files and commands (ids below 941000).
import type { RuleText } from './rule-text.ts';

export const PROTOCOL_RULES: readonly (readonly [string, RuleText])[] = [
  ['200000', { title: 'Reads the body as XML' }],
  ['200001', { title: 'Reads the body as JSON' }],
  [
    '200002',
    { title: 'A body that cannot be read', words: 'The body broke off or is not what its type says.' },
  ],
  ['200003', { title: 'A multipart form that breaks the standard' }],
  ['200004', { title: 'A multipart form with an odd boundary' }],
  [
    '200005',
    {
      title: 'An expression that took too long',
      words: 'ModSecurity gave up on an expression at its limit of steps.',
    },
  ],
  ['911100', { title: 'A method that is not allowed' }],
  ['913100', { title: 'A scanner’s name', words: 'The User-Agent names a known security scanner.' }],
  [
    '913101',
    {
      title: 'A script’s name',
      words: 'The User-Agent names a library or program that scripts use, such as curl or python-requests.',
    },
  ],
  ['913102', { title: 'A crawler’s name', words: 'The User-Agent names a crawler.' }],
  ['913110', { title: 'A scanner’s header' }],
  ['913120', { title: 'A scanner’s test file' }],
  ['920100', { title: 'A request line that is not HTTP' }],
  [
    '920120',
    {
      title: 'Odd signs in an upload’s name',
      words: 'Quotes, semicolons or equals signs in the name of an uploaded file.',
    },
  ],
  ['920160', { title: 'A length that is no number' }],
  ['920170', { title: 'GET or HEAD with a body' }],
  ['920180', { title: 'POST without a length' }],
  ['920220', { title: 'A broken % in the address' }],
  [
    '920230',
    { title: 'Encoded twice', words: 'A value still holds %-encoded signs after it was decoded once.' },
  ],
  ['920240', { title: 'A broken % in a form' }],
  ['920270', { title: 'A NUL byte' }],
  ['920271', { title: 'Signs that cannot be printed' }],
  [
    '920272',
    { title: 'Signs beyond plain ASCII', words: 'Any text with accents is one, so it fits few sites.' },
  ],
  [
    '920273',
    {
      title: 'Signs beyond letters and digits',
      words: 'Any sentence with a comma or a bracket may be one, so it fits few sites.',
    },
  ],
  ['920280', { title: 'No Host header' }],
  ['920290', { title: 'An empty Host header' }],
  [
    '920300',
    { title: 'No Accept header', words: 'Browsers send one; many scripts, apps and monitors do not.' },
  ],
  ['920310', { title: 'An empty Accept header' }],
  ['920311', { title: 'An empty Accept header' }],
  ['920320', { title: 'No User-Agent header' }],
  ['920330', { title: 'An empty User-Agent header' }],
  ['920340', { title: 'A body without a type' }],
  ['920341', { title: 'A body without a type' }],
  [
    '920350',
    {
      title: 'The address instead of a name as Host',
      words:
        'Somebody asked for the server by its IP number, as scanners that walk through addresses do, and health checks too.',
    },
  ],
  ['920360', { title: 'A long argument name' }],
  ['920370', { title: 'A long argument' }],
  ['920380', { title: 'Too many arguments' }],
  ['920390', { title: 'Arguments too long together' }],
  ['920400', { title: 'A file too large' }],
  ['920410', { title: 'Files too large together' }],
  [
    '920420',
    {
      title: 'A body type that is not allowed',
      words: 'The Content-Type is not in the list of allowed ones.',
    },
  ],
  ['920430', { title: 'An HTTP version that is not allowed' }],
  [
    '920440',
    {
      title: 'A file ending that is not allowed',
      words: 'The address ends like a backup, a database dump or a configuration file.',
    },
  ],
  ['920450', { title: 'A header that is not allowed' }],
  ['920470', { title: 'A malformed Content-Type' }],
  ['920480', { title: 'A character set that is not allowed' }],
  [
    '920500',
    {
      title: 'A backup or working file',
      words: 'The address ends in a sign such as ~ that editors put behind copies.',
    },
  ],
  ['921110', { title: 'A second request in a value' }],
  ['921120', { title: 'A header in a value' }],
  ['921130', { title: 'A header or page in a value' }],
  ['921140', { title: 'A line end in a header' }],
  ['921150', { title: 'A line end in an argument’s name' }],
  ['921151', { title: 'A line end in an argument' }],
  ['921160', { title: 'A line end and a header in an argument' }],
  ['921180', { title: 'The same argument several times' }],
  [
    '930100',
    { title: 'A way out of the web folder', words: 'It reads the raw request for encoded forms of `../`.' },
  ],
  ['930110', { title: 'A way out of the web folder', words: 'It reads decoded values for `../`.' }],
  [
    '930120',
    {
      title: 'A name of a system file',
      words:
        'A value names a file of the operating system or of a known program, such as /etc/passwd or .bash_history.',
    },
  ],
  [
    '930130',
    {
      title: 'A file that is nobody’s business',
      words:
        'The address asks for a file that should never be served: .git, .env, wp-config.php copies and the like.',
    },
  ],
  [
    '931100',
    {
      title: 'A web address with a number',
      words: 'An argument begins with a web address whose host is an IP number.',
    },
  ],
  ['931110', { title: 'A web address in a known weak argument' }],
  ['931120', { title: 'A web address that ends in ?' }],
  [
    '931130',
    {
      title: 'A web address of another site',
      words:
        'An argument begins with an address that is not this site’s own. Login forms and share buttons send such links.',
    },
  ],
  ['932100', { title: 'Text read as Unix commands' }],
  ['932105', { title: 'Text read as Unix commands' }],
  ['932110', { title: 'Text read as Windows commands' }],
  ['932115', { title: 'Text read as Windows commands' }],
  ['932120', { title: 'A PowerShell command' }],
  [
    '932130',
    {
      title: 'A shell expression',
      words: 'Signs such as $( ) and backquotes, by which a shell runs what is inside.',
    },
  ],
  ['932140', { title: 'A Windows loop or condition' }],
  ['932150', { title: 'A value that is a Unix command' }],
  [
    '932160',
    { title: 'Words of a Unix shell', words: 'Paths and words such as bin/sh or /etc/hosts from a list.' },
  ],
  ['932170', { title: 'Shellshock in a header' }],
  ['932171', { title: 'Shellshock in an argument' }],
  ['932180', { title: 'An upload with a dangerous name' }],
  ['932200', { title: 'Signs that hide a command' }],
  ['933100', { title: 'A PHP tag' }],
  ['933110', { title: 'An upload of PHP' }],
  ['933120', { title: 'A PHP setting' }],
  ['933130', { title: 'A PHP variable' }],
  ['933140', { title: 'A PHP stream' }],
  ['933150', { title: 'A dangerous PHP function’s name' }],
  ['933160', { title: 'A call of a PHP function' }],
  ['933170', { title: 'A packed PHP object' }],
  ['933180', { title: 'A PHP call by variable' }],
  ['933200', { title: 'A PHP address scheme' }],
  [
    '933210',
    {
      title: 'A PHP call by variable',
      words: 'A bracket right after another, as in (x)(y), is enough.',
    },
  ],
  ['934100', { title: 'Text read as Node.js' }],
];
