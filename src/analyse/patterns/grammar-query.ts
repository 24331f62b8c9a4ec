// Grammar of texts written to change the queries of other stores than SQL, the headers of an answer, or the address
// that a program loads. Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const QUERY_GRAMMAR: readonly GrammarEntry[] = [
  // operators of document stores that any value satisfies, in place of a value; programs in a query. A filter inside
  // an object, e.g. {"price":{"$gt":5}}, is what interfaces are asked with every day
  {
    id: 'nosql',
    family: 'sqli',
    cls: 'mention',
    re: /^\s*\{\s*["']?\$(?:gte?|lte?|ne|eq|n?in|regex|exists|not)["']?\s*:\s*(?:""|''|null\b|undefined\b|true\b|\[\s*\]|["']\^?\.\*["'])|["'{,]\s*\$where["']?\s*:\s*["'][^"']{0,200}(?:\(|\breturn\b|\bthis\b|==)|['"]\s*,\s*\$(?:or|and|nor)\s*:\s*\[|\bdb\.\w{1,40}\.(?:insert|find|drop|remove|update|save|aggregate)\w{0,6}\s*\(/i,
    hostile: [
      `', $or: [ {}, { 'a':'a`,
      'db.users.insert({admin:1});',
      "true, $where: '1 == 1'",
      '{"$gt":""}',
      '{"$ne":null}',
      '{"$where":"sleep(100)"}',
      "{'$regex':'.*'}",
      '{"a":1,"$where":"this.a==1"}',
    ],
    innocent: [
      '{"$id":1}',
      '{"a":{"$gt":1}}',
      '{"price":{"$gte":10,"$lt":20}}',
      '{"$gt":100}',
      '$in stock: 5',
      '{"price":"$5"}',
      'costs $gt: 5',
    ],
  },
  // filters of directories
  {
    id: 'ldap',
    family: 'sqli',
    cls: 'break',
    re: /^\s*[&|]?\s*\([&|]\s*\(\s*\w{1,40}\s*=|\(\|\s*\(\s*\w{1,40}\s*=\s*\*|\b\d{1,9}(?:\.\d{1,9}){3,9}:=|\*\)\s*\(\s*[&|!(]{0,3}\s*\w{1,30}\s*[=)]|\)\(\s*[&|]\s*\)|\)\(\s*[&|!]?\s*\(?\s*\w{1,30}\s*=\s*\*/,
    hostile: [
      '*(|(objectclass=*))',
      '(&(uid=root)(!(&(1=0)(userPassword=x))))',
      'userPassword:2.5.13.18:=99',
      '*)(uid=*))(|(uid=*',
      'admin)(&)',
      '*)(objectClass=*',
      'x)(|(cn=*))',
    ],
    innocent: ['f(x)(y)', '(a)(b=c)', 'size (S)(M)', '2*(3)(4)', '(5*)(see below)'],
  },
  // a new header line
  {
    id: 'crlf',
    family: 'exploit',
    cls: 'break',
    re: /^\S{0,120}[\r\n]+[ \t]*(?:set-cookie\s*:|content-(?:type|length)\s*:|transfer-encoding\s*:|location\s*:\s*(?:https?:)?\/\/|HTTP\/1\.[01]\b|rcpt\s+to\s*:|mail\s+from\s*:|bcc\s*:|quit\s*[\r\n]|\w{1,6}\s+(?:capability|fetch\s+\d)\b)/i,
    hostile: [
      '%0aRCPT TO: a@evil.example%0a',
      '%0d%0aQUIT%0d%0a',
      '%0d%0aA1 CAPABILITY%0d%0aA2 FETCH 1',
      '%0d%0aSet-Cookie:x=1',
      'x%0d%0aLocation: http://198.51.100.9/',
      'sk\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK',
    ],
    innocent: [
      'Konferencia\nLocation: Bratislava',
      'We use\nContent-Type: text',
      'Set-Cookie: a',
      'x\nHost: Jana',
    ],
  },
  // addresses of programs on bare public numbers; the cloud's own data
  {
    id: 'remote-file',
    family: 'lfi',
    cls: 'mention',
    re: /^\s*(?:https?|ftps?):\/\/(?!10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\/[^\s?#]{0,300}\.(?:txt|php\d?|phtml|sh|exe|bin|elf|py|pl|jsp|aspx?)[?#\0]*\s*$|^\\\\[\w.:-]{1,80}\\[\w$]|\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b/i,
    hostile: [
      '\\\\198.51.100.9\\share',
      'http://198.51.100.9/shell.txt?',
      'http://198.51.100.9/c.php',
      'ftp://198.51.100.9:2121/a.sh',
      'http://169.254.169.254/latest/meta-data/',
    ],
    innocent: [
      'https://example.com/c.php',
      'https://cdn.example.com/a.txt?',
      'http://10.1.2.3/thanks.php?ok=1',
      'http://192.168.1.5/callback.php',
      'http://198.51.100.9/',
      'see http://198.51.100.9/a.txt please',
    ],
  },
];
