// Addresses that no page of a site links to: what scanners ask for.

/** Asking for a path with one of these is a probe, on any site. */
export const PROBE_HARD: readonly RegExp[] = [
  /\/\.(?:env|git|svn|hg|bzr|aws|ssh|htpasswd|DS_Store|npmrc|docker|vscode|idea|kube|bash_history|mysql_history|gitlab-ci|travis)\b/i,
  /\/wp-config(?:\.php)?[.~_-]?(?:bak|old|save|orig|txt|swp|zip|1|dist|backup|~)|\/wp-config\.php~|\/\.wp-config/i,
  /eval-stdin\.php/i,
  /\/(?:wp-content\/uploads|wp-includes\/(?:images|css|fonts)|images\/stories|sites\/default\/files|media\/(?:tmp|catalog)|pub\/media)\/[^?]*\.ph(?:p\d?|tml|ar|t)(?:$|[/?])/i,
  /\/(?:c99|r57|wso|alfa\w{0,6}|b374k|webshell|shell|cmdshell)\w{0,6}\.(?:php\d?|jspx?|aspx?|cgi)(?:$|\?)|^\/shell\?/i,
  /\/cgi-bin\/.*(?:%2e|\.\.|;|\$\()/i,
  /\/(?:boaform|GponForm|HNAP1|setup\.cgi|goform|hudson|jmx-console|axis2|evox|sdk\/webLanguage|remote\/fgt_lang|dana-na|nmaplowercheck\w*|NmapUpperCheck\w*)\b/i,
  /\/actuator(?:\/|$)/i,
  /\/_ignition\/|\/_profiler\/|\/telescope\/requests/i,
  /\/server-(?:status|info)$/i,
  /(?:\.\.|%2e%2e|\.%2e|%2e\.|%252e%252e)(?:\/|\\|%2f|%5c|%252f).*(?:etc|proc|windows|bin|passwd|boot\.ini)/i,
  /\/(?:solr\/admin|manager\/html|owa\/auth|ecp\/|autodiscover\/autodiscover\.json.*@|console\/login|api\/jsonws\/invoke|vendor\/phpunit)/i,
  /\/wp-content\/plugins\/wp-file-manager\/lib\/php\/connector/i,
  /\/(?:credentials|secrets?)\.(?:json|ya?ml|ini|env)$/i,
  /\/web\.config$/i,
];

/** Switches of published exploits, also in the query. */
export const PROBE_QUERY = /XDEBUG_SESSION_START|invokefunction|auto_prepend_file/i;

/** Back-up names, only at the root or in folders where back-ups lie by mistake. */
export const PROBE_BACKUP =
  /^\/(?:(?:backups?|old|db|sql|dump|dumps|database|databases|admin|tmp|temp|bak|wp-content|public_html|www)\/)?[\w.-]{1,40}\.(?:sql|bak|old|orig|save|swp|tar|tgz|tar\.gz|sql\.gz|sql\.zip|dump)(?:$|\?)/i;

/** Tools that may be installed here: a probe only when the site itself answered 404. */
export const PROBE_INSTALLED =
  /\/(?:phpinfo|info|test|php|pi|i)\.php$|\/wp-admin\/(?:setup-config|install)\.php$|\/wp-content\/debug\.log$|\/adminer[\w.-]*\.php$|\/(?:config|parameters|database|appsettings)\.(?:json|ya?ml|ini)$|\/(?:phpmyadmin|pma|dbadmin|adminer(?:\.php)?|console|admin\.php|manager|solr|jenkins|owa|ecp|administrator|phppgadmin|mysql|cgi-bin)(?:\/|$)/i;

/** What the lists above are tested with. */
export const PROBE_TESTS = {
  hostile: [
    '/.env',
    '/app/.env',
    '/.git/config',
    '/.git/HEAD',
    '/.aws/credentials',
    '/.ssh/id_rsa',
    '/.DS_Store',
    '/wp-config.php.bak',
    '/wp-config.php~',
    '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
    '/shell?cd+/tmp;wget',
    '/wp-content/uploads/2026/a.php?c=id',
    '/boaform/admin/formLogin?u=x',
    '/cgi-bin/.%2e/.%2e/bin/sh',
    '/actuator/env',
    '/solr/admin/info/system',
    '/_ignition/execute-solution',
    '/HNAP1',
    '/backup.sql',
    '/db.sql',
    '/dump.sql.gz',
    '/old/site.tar.gz',
    '/static/..%2f..%2f..%2fetc/passwd',
    '/owa/auth/logon.aspx',
    '/?XDEBUG_SESSION_START=phpstorm',
    '/server-status',
    '/remote/fgt_lang?lang=/../../',
  ],
  innocent: [
    '/',
    '/download/backup.sql',
    '/files/site.bak',
    '/media/report.log',
    '/category/shells',
    '/sea-shell/',
    '/environment/',
    '/.well-known/acme-challenge/abc',
    '/.well-known/security.txt',
    '/phpmyadmin/index.php?route=/sql',
    '/administrator/index.php',
    '/admin/',
    '/config.json',
    '/wp-content/uploads/2026/11/a.jpg',
    '/git-course/',
    '/console-tables/',
    '/manager-jobs/',
    '/info.php',
    '/cgi-bin/FormMail.pl',
    '/product/c99-compiler-book',
  ],
} as const;
