// Grammar of texts written to read files of the server.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const FILE_GRAMMAR: readonly GrammarEntry[] = [
  // three or more steps up, in any encoding, or a system folder behind steps up
  {
    id: 'lfi-dots',
    family: 'lfi',
    cls: 'break',
    re: /(?:(?:\.{2,4}|(?:%(?:25)*2e){2}|\.%(?:25)*2e|%(?:25)*2e\.|%c0%ae%c0%ae)(?:[/\\]+|%(?:25)*(?:2f|5c)|%c0%af)){3,}|^[^\s]{0,80}(?:\.\.|%(?:25)*2e%(?:25)*2e)(?:[/\\]|%(?:25)*(?:2f|5c))+(?:(?:etc|proc|windows|winnt|boot\.ini|var|home|root|usr|opt)(?:[/\\.]|%)\S*|boot\.ini|win\.ini|wp-config\.php|\.(?:env|htaccess|htpasswd))$|\.\.;\/\w|(?:[%\\/]{1,3}\.\.){4}|::\$DATA\b/i,
    hostile: [
      '%\\..%\\..%\\..%\\..%\\..\0',
      'search::$DATA',
      '../../../../etc/passwd',
      '....//....//etc/passwd',
      '..%252f..%252fetc%252fpasswd',
      'default/../../../../x',
      '..\\..\\..\\windows\\win.ini',
      '..\\..\\boot.ini',
      '..;/manager/html',
    ],
    innocent: [
      '[quote]../../etc/ is the path[/quote] Dobrý deň',
      'Path is C:\\Windows\\system32\\drivers\\etc\\hosts, and ../../images/logo.png is missing',
      '../style.css',
      '../../img/a.png',
      'wait... and see...',
    ],
  },
  // a system file as the whole value
  {
    id: 'lfi-path',
    family: 'lfi',
    cls: 'break',
    re: /^['"]?(?:file:\/*)?\/*(?:etc\/(?:passwd|shadow|group|issue|hosts|hostname|services|networks|os-release|ssh|apache2|mysql|nginx|httpd|php|cron|sudoers|my\.cnf|fstab|crontab|mtab|profile|resolv\.conf)|home\/[\w.-]{1,60}\/\.\w|var\/www\/[\w./-]{0,100}\.\w|proc\/(?:self|version|\d+)|var\/log\/\w|root\/\.\w|WEB-INF\/|windows\/(?:win\.ini|system32))[\w./%-]*(?:\x00.*)?$|^(?:file:\/*)?[a-z]:[/\\]+(?:boot\.ini|windows[/\\]|winnt|xampp[/\\]|inetpub)[\w./\\:$-]*(?:\x00.*)?$/i,
    hostile: [
      '/etc/services',
      '/etc/passwd',
      'file:///etc/shadow',
      '/proc/self/environ',
      'C:\\boot.ini',
      '/etc/nginx/nginx.conf',
      '/var/www/html/config.php',
      '/home/user/.ssh/id_rsa',
      'WEB-INF/web.xml',
    ],
    innocent: ['/etc/hosts is a file', '/var/www', 'C: drive full'],
  },
  // the name of a system file anywhere
  {
    id: 'lfi-name',
    family: 'lfi',
    cls: 'mention',
    re: /\/etc\/(?:passwd|shadow)\b|\bwp-config\.php\b|\/proc\/self\/environ/i,
    hostile: ['; cat /etc/passwd', 'x=/etc/passwd%00'],
    innocent: ['the passwd command', 'etc. / password'],
  },
  // stream wrappers and data addresses as the value
  {
    id: 'wrapper',
    family: 'lfi',
    cls: 'active',
    re: /\bphp:\/\/(?:filter|input|stdin|fd|memory)|\bexpect:\/\/\w|\bphar:\/\/|\bgopher:\/\/|\bdict:\/\/|\bfile:\/\/\/?(?:etc|proc|[a-z]:|var)|^\s*data:(?:(?:text|application)\/[\w.+-]+)?(?:;[\w=-]+)*,|\bzip:\/\/\S+#/i,
    hostile: [
      'php://filter/convert.base64-encode/resource=index',
      'file:///etc/shadow',
      'expect://id',
      'data:text/plain;base64,PD9w',
      'data:;base64,PD9waHA',
    ],
    innocent: ['php :// what', 'see https://php.net', 'data: 5, 6', '<img src="data:image/png;base64,AAAA">'],
  },
];
