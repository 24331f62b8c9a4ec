// What the owner of a site can change about single rules: words of our own, by rule id (CRS 3 and 4).

/** Rules about the form of a request: who sends it can mend it. */
export const PROTOCOL_ADVICE: ReadonlyMap<string, string> = new Map([
  [
    '911100',
    'The program that calls your site uses a method that is not allowed here (others than GET, HEAD, POST and OPTIONS). Some plugins can be told to use POST instead (“method override”).',
  ],
  [
    '913101',
    'The program names itself like a script library. Let it send a User-Agent of its own, such as the name of your company and of the program.',
  ],
  ['920170', 'The program sends data with GET. Let it use POST.'],
  ['920180', 'The program sends a POST without its length. Let it send Content-Length, or update it.'],
  ['920220', 'A link holds a % that is not encoded. Write it as %25.'],
  ['920230', 'A value is encoded twice. Let the plugin or script encode it once.'],
  ['920240', 'A form holds a % that is not encoded. Let the script encode its values.'],
  ['920280', 'The program sends no Host header. Update it, or let it use HTTP/1.1.'],
  ['920300', 'The program sends no Accept header. Let it send “Accept: */*”.'],
  ['920310', 'The program sends an empty Accept header. Let it send “Accept: */*”.'],
  ['920311', 'The program sends an empty Accept header. Let it send “Accept: */*”.'],
  ['920320', 'The program does not name itself. Let it send a User-Agent.'],
  ['920330', 'The program sends an empty User-Agent. Let it name itself.'],
  ['920340', 'The program sends data without saying of which type. Let it send a Content-Type.'],
  ['920350', 'The program calls the server by its number. Let it use the name of your site.'],
  [
    '920420',
    'What was sent has a type that is not allowed here. If the program lets you choose, send it as a form or as application/json.',
  ],
  [
    '920440',
    'The address ends like a backup or configuration file. If visitors are to load it, give the file another ending, such as .zip.',
  ],
  ['920450', 'The program sends a header that is not allowed here. If its settings name it, take it out.'],
  ['920480', 'The program sends text in a character set that is not allowed here. Let it use UTF-8.'],
]);

/** What the text looks like to rules of a family (the first three digits of the id). */
export const LOOKS_LIKE: ReadonlyMap<string, string> = new Map([
  ['921', 'a second request hidden in a value, as line ends and names of headers do'],
  ['930', 'the path of a file of the system'],
  ['931', 'an address from which a program would load code'],
  ['932', 'a command for the server'],
  ['933', 'PHP code'],
  ['934', 'program code'],
  ['941', 'HTML or script'],
  ['942', 'a command for a database (SQL)'],
  ['943', 'an attempt to force a session on a visitor'],
  ['944', 'Java code'],
]);

/** What to change about blocks that are no matter of web requests, by csf's setting. */
export const SERVICE_ADVICE: ReadonlyMap<string, string> = new Map([
  ...['LF_SMTPAUTH', 'LF_POP3D', 'LF_IMAPD'].map((trigger): [string, string] => [
    trigger,
    'A mail program with an old password tries it every few minutes, phones too. Change the password in each device that uses the mailbox, or remove the mailbox from it.',
  ]),
  ...['LT_POP3D', 'LT_IMAPD'].map((trigger): [string, string] => [
    trigger,
    'A mail program asks too often. Let it look for mail every few minutes instead.',
  ]),
  ['LF_FTPD', 'An FTP program has an old password saved. Change it there.'],
  ['LF_SSHD', 'The password or key that an SFTP or ssh program has saved is wrong. Change it there.'],
  [
    'LF_CPANEL',
    'The password for cPanel or webmail was wrong. Set a new one by “reset password”, and change it where a browser or program has saved the old one.',
  ],
  [
    'LF_HTACCESS',
    'A browser or program has a wrong password saved for a protected folder of a site. Change or remove it there.',
  ],
  [
    'LF_APACHE_404',
    'A page of the site may have many broken links or pictures: visitors ask for them without knowing. Mend the links.',
  ],
  [
    'LF_APACHE_403',
    'Something that the site links to is forbidden by its own settings (.htaccess). Mend these.',
  ],
  ['LF_APACHE_401', 'A program asks for a protected folder without a password. Give it one, or stop it.'],
  [
    'CT_LIMIT',
    'The address held too many connections open at once. Lower the parallel downloads of the program; behind one address in an office, many people together can do the same.',
  ],
  [
    'PS_LIMIT',
    'A program on a device at that address knocks at ports that are closed here: look for wrong host names or ports in its settings.',
  ],
]);
