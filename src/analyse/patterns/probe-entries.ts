// Addresses that no page of a site links to: what scanners ask for, with addresses they are tested with.
import type { PatternEntry } from './pattern-entry.ts';

/** Asking for a path with one of these is a probe, on any site. Tried on the path, as sent and decoded. */
export const PROBE_HARD: readonly PatternEntry[] = [
  {
    re: /\/\.(?:env|git|svn|hg|bzr|aws|ssh|htpasswd|DS_Store|npmrc|docker|vscode|idea|kube|bash_history|mysql_history|gitlab-ci|travis)\b/i,
    fits: [
      '/.env',
      '/app/.env',
      '/.env.production',
      '/.git/config',
      '/.git/HEAD',
      '/.svn/entries',
      '/.aws/credentials',
      '/.ssh/id_rsa',
      '/.htpasswd',
      '/.DS_Store',
      '/.vscode/sftp.json',
      '/.docker/config.json',
      '/home/.bash_history',
    ],
    fitsNot: [
      '/environment/',
      '/.well-known/acme-challenge/abc',
      '/.well-known/security.txt',
      '/git-course/',
      '/docs/using.git.html',
      '/.environment/',
    ],
  },
  {
    re: /\/wp-config(?:\.php)?[.~_-]?(?:bak|old|save|orig|txt|swp|zip|1|dist|backup|~)|\/wp-config\.php~|\/\.wp-config/i,
    fits: [
      '/wp-config.php.bak',
      '/wp-config.php~',
      '/wp-config.old',
      '/.wp-config.php.swp',
      '/wp-config_backup.txt',
    ],
    fitsNot: ['/wp-config.php', '/how-to-edit-wp-config/', '/wp-content/config.bak.css'],
  },
  {
    re: /eval-stdin\.php/i,
    fits: ['/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php'],
    fitsNot: ['/evaluation/stdin.php', '/eval-stdin'],
  },
  // programs in folders for pictures and uploads
  {
    re: /\/(?:wp-content\/uploads|wp-includes\/(?:images|css|fonts)|images\/stories|sites\/default\/files|media\/(?:tmp|catalog)|pub\/media)\/[^?]*\.ph(?:p\d?|tml|ar|t)(?:$|[/?])/i,
    fits: ['/wp-content/uploads/2026/a.php?c=id', '/images/stories/x.phtml', '/wp-includes/css/up.php7'],
    fitsNot: [
      '/wp-content/uploads/2026/11/a.jpg',
      '/wp-content/uploads/php-course.pdf',
      '/wp-includes/css/a.css',
    ],
  },
  {
    re: /\/(?:c99|r57|wso|alfa\w{0,6}|b374k|webshell|shell|cmdshell)\w{0,6}\.(?:php\d?|jspx?|aspx?|cgi)(?:$|\?)|^\/shell\?/i,
    fits: ['/c99.php', '/wso2.php', '/alfacgi.php', '/shell?cd+/tmp;wget', '/x/webshell.jsp'],
    fitsNot: ['/category/shells', '/sea-shell/', '/product/c99-compiler-book', '/shell', '/alfa-romeo.php'],
  },
  {
    re: /\/cgi-bin\/.*(?:%2e|\.\.|;|\$\()/i,
    fits: ['/cgi-bin/.%2e/.%2e/bin/sh', '/cgi-bin/../x', '/cgi-bin/a;b'],
    fitsNot: ['/cgi-bin/FormMail.pl', '/cgi-bin/counter.cgi'],
  },
  // devices and servers of other makers; a whole part of the path, since a river is called Hudson too
  {
    re: /\/(?:boaform|GponForm|HNAP1|setup\.cgi|goform|hudson|jmx-console|axis2(?:-(?:admin|web))?|evox|sdk\/webLanguage|remote\/fgt_lang|dana-na|nmaplowercheck\w*|NmapUpperCheck\w*)(?=[/.?;%]|$)/i,
    fits: [
      '/boaform/admin/formLogin?u=x',
      '/HNAP1',
      '/setup.cgi',
      '/axis2-admin/',
      '/goform/set',
      '/remote/fgt_lang?lang=/../../',
      '/sdk/webLanguage',
      '/nmaplowercheck1795353487',
    ],
    fitsNot: ['/hudson-river-tours/', '/boaforms', '/axis2-holidays', '/lighthudson', '/goformula'],
  },
  {
    re: /\/actuator(?:\/|$)/i,
    fits: ['/actuator/env', '/actuator', '/manage/actuator/health'],
    fitsNot: ['/linear-actuators/', '/actuators', '/actuator-12v.html'],
  },
  {
    re: /\/_ignition\/|\/_profiler\/|\/telescope\/requests/i,
    fits: ['/_ignition/execute-solution', '/_profiler/phpinfo', '/telescope/requests'],
    fitsNot: ['/telescope/', '/ignition/', '/telescopes/requests'],
  },
  {
    re: /\/server-(?:status|info)$/i,
    fits: ['/server-status', '/server-info'],
    fitsNot: ['/server-status.html', '/whm-server-status', '/game-server-information'],
  },
  {
    re: /(?:\.\.|%2e%2e|\.%2e|%2e\.|%252e%252e)(?:\/|\\|%2f|%5c|%252f).*(?:etc|proc|windows|bin|passwd|boot\.ini)/i,
    fits: [
      '/static/..%2f..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/proc/self',
      '/..\\..\\windows\\win.ini',
      '/%252e%252e%252fetc',
    ],
    fitsNot: ['/css/../img/logo.png', '/etc/passwd-article.html', '/a..b/c'],
  },
  {
    re: /\/(?:solr\/admin|manager\/html|owa\/auth|ecp\/|autodiscover\/autodiscover\.json.*@|console\/login|api\/jsonws\/invoke|vendor\/phpunit)/i,
    fits: [
      '/solr/admin/info/system',
      '/manager/html',
      '/owa/auth/logon.aspx',
      '/vendor/phpunit/x',
      '/console/login/LoginForm.jsp',
    ],
    fitsNot: [
      '/console-tables/',
      '/manager-jobs/',
      '/autodiscover/autodiscover.xml',
      '/vendor/jquery/jquery.js',
    ],
  },
  {
    re: /\/wp-content\/plugins\/wp-file-manager\/lib\/php\/connector/i,
    fits: ['/wp-content/plugins/wp-file-manager/lib/php/connector.minimal.php'],
    fitsNot: ['/wp-content/plugins/wp-file-manager/readme.txt'],
  },
  {
    re: /\/(?:credentials|secrets?)\.(?:json|ya?ml|ini|env)$/i,
    fits: ['/credentials.json', '/config/secrets.yml'],
    fitsNot: ['/credentials/', '/secret.jpg', '/secret.json.html'],
  },
  { re: /\/web\.config$/i, fits: ['/web.config'], fitsNot: ['/web.configuration', '/cobweb.config'] },
];

/** Switches of published exploits. Tried on the whole target: these count in the query too. */
export const PROBE_QUERY: readonly PatternEntry[] = [
  {
    re: /XDEBUG_SESSION_START|invokefunction|auto_prepend_file/i,
    fits: [
      '/?XDEBUG_SESSION_START=phpstorm',
      '/index.php?s=/Index/think/invokefunction',
      '/?-d+auto_prepend_file=x',
    ],
    fitsNot: ['/?q=xdebug', '/?s=invoke+function', '/docs/auto-prepend-file'],
  },
];

/** Back-up names, only at the root or in folders where back-ups lie by mistake. Tried on the decoded path. */
export const PROBE_BACKUP: readonly PatternEntry[] = [
  {
    re: /^\/(?:(?:backups?|old|db|sql|dump|dumps|database|databases|admin|tmp|temp|bak|wp-content|public_html|www)\/)?[\w.-]{1,40}\.(?:sql|bak|old|orig|save|swp|tar|tgz|tar\.gz|sql\.gz|sql\.zip|dump)(?:$|\?)/i,
    fits: [
      '/backup.sql',
      '/db.sql',
      '/dump.sql.gz',
      '/old/site.tar.gz',
      '/index.php.bak',
      '/backups/example.com.tgz',
      '/wp-content/backup.sql',
    ],
    fitsNot: [
      '/download/backup.sql',
      '/files/site.bak',
      '/media/report.log',
      '/downloads/v2/app.tar.gz',
      '/backup.sql.html',
    ],
  },
];

/** Tools that may be installed here: a probe only when the site itself answered 404. Tried on the decoded path. */
export const PROBE_INSTALLED: readonly PatternEntry[] = [
  {
    re: /\/(?:phpinfo|info|test|php|pi|i)\.php$/i,
    fits: ['/info.php', '/phpinfo.php', '/test/test.php', '/i.php'],
    fitsNot: ['/informacie.php', '/contest.php.html', '/info'],
  },
  {
    re: /\/wp-admin\/(?:setup-config|install)\.php$/i,
    fits: ['/wp-admin/install.php', '/blog/wp-admin/setup-config.php'],
    fitsNot: ['/install.php', '/wp-admin/plugin-install.php'],
  },
  { re: /\/wp-content\/debug\.log$/i, fits: ['/wp-content/debug.log'], fitsNot: ['/debug.log'] },
  {
    re: /\/adminer[\w.-]*\.php$/i,
    fits: ['/adminer.php', '/adminer-4.8.1.php'],
    fitsNot: ['/administer.php'],
  },
  {
    re: /\/(?:config|parameters|database|appsettings)\.(?:json|ya?ml|ini)$/i,
    fits: ['/config.json', '/app/config/parameters.yml', '/appsettings.json'],
    fitsNot: ['/myconfig.json', '/config.jsonp', '/manifest.json'],
  },
  {
    re: /\/(?:phpmyadmin|pma|dbadmin|adminer(?:\.php)?|console|admin\.php|manager|solr|jenkins|owa|ecp|administrator|phppgadmin|mysql|cgi-bin)(?:\/|$)/i,
    fits: [
      '/phpmyadmin/index.php',
      '/pma',
      '/administrator/index.php',
      '/console/',
      '/jenkins/',
      '/cgi-bin/FormMail.pl',
    ],
    fitsNot: ['/', '/admin/', '/console-tables/', '/manager-jobs/', '/mysqldump-howto', '/solriad/'],
  },
];
