// Grammar of texts written to attack a database.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const SQL_GRAMMAR: readonly GrammarEntry[] = [
  // a closed quote, number or bracket, then and/or with a comparison or a probing call
  {
    id: 'sql-bool',
    family: 'sqli',
    cls: 'break',
    re: /(?:['"`][\s)+]*|^-?\d+[\s)+]*|\)[\s+]*)(?:\b(?:or|and|xor)\b|\|\||&&)[\s+(]*(?:not\s+)?(?:(['"`]?)[\w@.]+\1(?:\s*[*/%+-]\s*\d{1,9})?[\s)]*(?:=|<|>|!=|\blike\b|\bin\s*\(|\brlike\b|\bregexp\b|\bbetween\b)|(?:true|false|\d{1,9})[\s)]*(?:--|#|\/\*)[\s+-]*$|['"`]\w*['"`]?\s*(?:=|<|>|like\b)|(?:sleep|benchmark|exists|ascii|substr\w*|ord|mid|length|if|extractvalue|updatexml|select|elt|case|row)\b\s*[\s(])/i,
    hostile: [
      "1' OR '1'='1",
      '1 AND 1=1',
      "1' AND '1'='2",
      "admin') or ('a'='a",
      '1) AND (2=2',
      '" or ""="',
      '1 AND SLEEP(5)',
      "x' && 'a'='a",
      '1 OR 1=1-- -',
      "%' or '0'='0",
      "-1' or 3*2=6 --",
      "' or true--",
      "' or 1--",
      "1'or(1)=(1)#",
      "1' OR+'1'='1",
      '1+AND+1%3D1--',
    ],
    innocent: [
      'x" or "y',
      '"exact phrase" or "other"',
      "O'Reilly & sons",
      "rock 'n' roll",
      "It's 'or' 1=1 what I saw in the log, is that bad?",
      "men's and women's = same size",
      "name eq 'x' and price gt 5",
      'john or@example.org',
      '5 and',
      "it's 5 or 6 -- not more",
      "the 'or' 5 # tag",
    ],
  },
  // a quote, then a comment that swallows the rest, or a second statement
  {
    id: 'sql-close',
    family: 'sqli',
    cls: 'break',
    re: /['"`][\s)]*(?:(?:;\s*)?(?:--|#|\/\*)[\s+-]*$|=\s*\d{1,9}\s*(?:--|#)[\s+-]*$|;\s*(?:drop|insert|update|delete|exec|execute|declare|select|shutdown|waitfor|create|alter|truncate)\b)/i,
    hostile: ["admin'--", "admin' #", "1'; DROP TABLE users", "x') -- -", "1'/*", "1';--", "'=0--+"],
    innocent: [
      'Great post -- keep it up!',
      'session="k;v"',
      'He said "no"; then left',
      "pa'ss--word;1",
      "prefs='x'; theme=dark",
      "it's #1",
    ],
  },
  // functions and clauses that only probing tools send
  {
    id: 'sql-test',
    family: 'sqli',
    cls: 'break',
    re: /\bwaitfor\s+delay\s*['"]\s*\d|\b(?:rlike|regexp)\s*\(?\s*(?:sleep|select)\b|\bcase\s+when\s*\(*\s*\(?\s*['"]?\d+['"]?\s*[=<>]|\b(?:elt|make_set)\s*\(\s*-?\d+\s*[=<>,]|\bprocedure\s+analyse\s*\(|\border\s+by\s+\d+\s*(?:--|#)|\(\s*select\s*\(?\s*(?:char|chr|concat|count|case|sleep|pg_sleep|user|version|database|upper|ascii|substr|dbms|@@|0x|\*|\d+\s*(?:from|=|\)))|\bcast\s*\([^)]{1,80}\bas\s+(?:numeric|int\w*|n?(?:var)?char|signed|decimal)/i,
    hostile: [
      "3%' WAITFOR DELAY '0:0:5' AND 'x%'='x",
      "2%' RLIKE SLEEP(5) AND 'a%'='a",
      '2 RLIKE (SELECT (CASE WHEN (8370=4526) THEN 2 ELSE 0x28 END))',
      "3%' ORDER BY 1-- UDmi",
      '1 AND ELT(1=1,5)',
    ],
    innocent: [
      'in case when it rains',
      'order by 10 December',
      'wait for delay',
      'please select (case or bag)',
    ],
  },
  // and/or with two numbers compared, or a second select behind a bracket
  {
    id: 'sql-taut',
    family: 'sqli',
    cls: 'break',
    re: /\b(?:and|or|xor|having|where)\b\s*\(*\s*(?:not\s+)?(['"]?)\d+\1\s*(?:=|<|>|!=|\blike\b)\s*\(?\s*['"]?\d|[;)]\s*select\b.{1,300}(?:--|#)\s*\w{0,8}\s*$/i,
    hostile: [
      'x AND 9357=9357-- RaLo',
      '3);SELECT COUNT(*) FROM ALL_USERS T1,ALL_USERS T2--',
      "a or '1'='1",
      '1 having 1=1',
    ],
    innocent: [
      "It's 'or' 1=1 what I saw in the log, is that bad?",
      'price where 20 or 30',
      'SELECT name FROM products WHERE id=5; does not work',
      'size 40 and 42 = ok?',
    ],
  },
  // union select with a column list
  {
    id: 'sql-union',
    family: 'sqli',
    cls: 'mention',
    re: /\bunion\b[\s/*!+()]*(?:(?:all|distinct)\b[\s/*!+()]*)?select\b[\s/*!+(]*(?:-?\d|['"`@*]|null\b|(?:char|concat|group_concat|version|user|database|load_file|unhex|hex|cast|convert)\s*\(|0x|[\w.`]+\s*(?:,|\bfrom\b|--|#|\())/i,
    hostile: [
      '-1 UNION SELECT 1,2,3,4-- -',
      '1 UNION/**/ALL/**/SELECT null,null',
      '1 union select user,pass from users--',
      '0 UNION SELECT concat(0x7e,user())',
    ],
    innocent: [
      'Our union select committee meets on Friday',
      'union jack mugs',
      'select from your list the best one; union jack mugs',
      'Union: select a member',
    ],
  },
  // union select right after a closed value, or as the start of one with what it selects
  {
    id: 'sql-union-break',
    family: 'sqli',
    cls: 'break',
    re: /(?:(?:^\s*-?\d+|^\s*null\b|['"`])[\s/*!+)]*|\)[\s/*!+]*)\bunion\b[\s/*!+()]*(?:(?:all|distinct)\b[\s/*!+()]*)?select\b|^[\s/*!+()]*union\b[\s/*!+()]*(?:(?:all|distinct)\b[\s/*!+()]*select\b|select\b[\s/*!+(]*(?:-?\d|['"`@*]|null\b|0x|\w{1,40}\s*\(|[\w.`]{1,80}\s*(?:,|\bfrom\b|--|#)))|['"`]\s*(?:\|\||[+,*])\s*\(?\s*select\b/i,
    hostile: [
      '-1 UNION SELECT 1',
      "test' union all select null",
      "x'||(select 1)||'",
      'union select 1,2',
      'UNION/**/SELECT/**/user_pass/**/FROM wp_users',
      'union all select x',
      'union(select version())',
      'null union select a',
    ],
    innocent: [
      'select committee meets',
      "the 'union' selects",
      "O'Neil + select items",
      'Union select committee meets on Friday',
      'union select',
      'Union Street select stores',
    ],
  },
  // sleeping, error or file functions inside an expression
  {
    id: 'sql-func',
    family: 'sqli',
    cls: 'mention',
    re: /(?:(?:\b(?:and|or|xor|select|where|having|by|then|else|when)\b|[,;=|&*+/-])[\s(]*|\(\s*)(?:select\b[\s(]*)?(?:(?:pg_)?sleep|benchmark|extractvalue|updatexml|load_file|xp_cmdshell|dbms_pipe\.receive_message|dbms_lock\.sleep|utl_http\.request|randomblob)\s*\(\s*['"\d(a-z]|\bwaitfor\s+delay\s+['"]/i,
    hostile: [
      '1 AND SLEEP(5)',
      "' AND SLEEP(5)#",
      "1' AND extractvalue(1,concat(0x7e,version()))-- -",
      'if(now()=sysdate(),sleep(15),0)',
      "1; WAITFOR DELAY '0:0:5'--",
      '(select(0)from(select(sleep(15)))v)',
    ],
    innocent: ['sleep mask (2)', 'I sleep (8 hours) daily', 'benchmark (CPU) results', 'load file (pdf)'],
  },
  // system tables and server variables
  {
    id: 'sql-schema',
    family: 'sqli',
    cls: 'mention',
    re: /\binformation_schema\s*\.\s*\w|\bmysql\.user\b|\bsysobjects\b|\bpg_catalog\.|\bsqlite_master\b|@@(?:version|datadir|hostname|basedir)\b|\bfrom\s+wp_users\b|\binto\s+(?:out|dump)file\s*['"]/i,
    hostile: [
      '-1 UNION SELECT 1,group_concat(table_name),3,4 FROM information_schema.tables WHERE table_schema=database()-- -',
      '1 and @@version>0',
      '-1 union select 1,user_pass from wp_users',
    ],
    innocent: ['Our information schema is on page 4', 'version @home'],
  },
  // column counting, or a number followed by a comment
  {
    id: 'sql-order',
    family: 'sqli',
    cls: 'break',
    re: /^['"\d\s)-]{0,12}\b(?:order|group)\s+by\s+\d+\s*(?:--|#|\/\*|,|$)|\bhaving\s+\d+\s*=\s*\d+|^-?\d+[\s)]*(?:--(?:[\s+]|$)|\/\*)/i,
    hostile: ['1 ORDER BY 5-- -', "1' order by 10#", '1 having 1=1', '1/**/and/**/1', '1)--'],
    innocent: [
      '1---',
      '1YNN',
      'order by desc',
      'table where to order by phone',
      '2026 - order by 5 December',
      '3-pack',
    ],
  },
  // a second statement after a semicolon
  {
    id: 'sql-stack',
    family: 'sqli',
    cls: 'mention',
    re: /;\s*(?:drop\s+(?:table|database|user|view)\s+[\w`\[]+\s*(?:;|--|#|$)|truncate\s+table\b|insert\s+into\s+\w+\s*(?:\(|values|select)|delete\s+from\s+\w+\s*(?:;|where|--|$)|update\s+\w+\s+set\s+\w+\s*=|exec(?:ute)?\s+(?:master|xp_|sp_)|declare\s+@|shutdown\b\s*(?:;|--|$))/i,
    hostile: [
      '1; DROP TABLE users--',
      '1;insert into users values(1,2)',
      "5; exec master..xp_cmdshell 'dir'",
      '1;declare @q varchar(8000)',
    ],
    innocent: [
      'Drop table lamp; 2 pcs',
      'How do I insert into the frame 2 pictures; update set of 3?',
      'size 42; black',
      'ping pong; ball',
    ],
  },
  // texts built from codes, versioned comments
  {
    id: 'sql-encode',
    family: 'sqli',
    cls: 'mention',
    re: /\b(?:concat(?:_ws)?|group_concat)\s*\(\s*(?:0x|char\s*\(|@@|version\s*\(|user\s*\(|')|\bchar\s*\(\s*\d+(?:\s*,\s*\d+){2,}|\/\*!\d{5}/i,
    hostile: ['1 and concat(0x7e,version())', '1 or 1=char(65,66,67)', '1/*!50000union*/'],
    innocent: ['char (one letter)', 'concat two strings'],
  },
];
