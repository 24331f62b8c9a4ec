// A server whose every field that a stranger can write holds markup: logs, lists, names, rules, what others left.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';

export interface HostileRoot {
  readonly root: string;
  readonly state: string;
  /** The mail of lfd about a hostile block, as one pastes it. */
  readonly mail: string;
  /** The numbers of the marks by the field that holds them. */
  readonly marks: ReadonlyMap<string, number>;
}

const CLIENTS = ['192.0.2.66', '192.0.2.67', '192.0.2.68'] as const;

/** Numbers the fields, and writes the markup for each. */
class Marks {
  readonly byField = new Map<string, number>();

  #number(field: string): number {
    const known = this.byField.get(field);
    if (known !== undefined) return known;
    const next = 101 + this.byField.size;
    this.byField.set(field, next);
    return next;
  }

  /** Markup that breaks out of an attribute in double quotes, out of one in single quotes, and out of text. */
  raw(field: string): string {
    const n = this.#number(field);
    return `x"><script>alert(${n})</script><img src=x onerror=alert(${n})>' onmouseover='alert(${n})`;
  }

  /** The same as ModSecurity writes quotes into its lines. */
  quoted(field: string): string {
    return this.raw(field).replaceAll('"', '\\"');
  }

  /** Without quotes and spaces, for fields that end there. */
  bare(field: string): string {
    return `<script>alert(${this.#number(field)})</script><svg/onload=alert(1)>`;
  }
}

/** Lines of the error log for a client: real ones, with the fields replaced one by one. */
function errorLines(lines: readonly string[], client: string, mark: (field: string) => string): string {
  const replaced = lines.map((line, index) =>
    line
      .replace(/\[client [^\]]+\]/, `[client ${client}]`)
      .replace(/\[unique_id "[^"]*"\]/, `[unique_id "aZ${client.replaceAll('.', '')}ZqZAaWgUjwEwAAAEc"]`)
      .replace(/\[msg "[^"]*"\]/, () => `[msg "${mark('msg')}"]`)
      .replace(/\[uri "[^"]*"\]/, () => `[uri "/${mark('uri')}"]`)
      .replace(
        /\[hostname "[^"]*"\]/,
        () => `[hostname "${index % 2 ? 'shop.example.com' : mark('hostname')}"]`,
      )
      .replace(/\[severity "[^"]*"\]/, () => `[data "${mark('data')}"] [severity "CRITICAL"]`)
      .replace(/\[ver "[^"]*"\]/, () => `[ver "${mark('ver')}"]`)
      .replace(/\[tag "[^"]*"\]/, () => `[tag "${mark('tag')}"]`)
      .replace(/\[file "[^"]*"\]/, () => `[file "/etc/${mark('rule file')}.conf"]`)
      .replace(/at (?:REQUEST_HEADERS:User-Agent|TX:anomaly_score)\./, () => `at ARGS:${mark('target')}.`)
      .concat(`, referer: ${mark('referer')}`),
  );
  return `${replaced.join('\n')}\n`;
}

function auditRecord(client: string, when: string, marks: Marks): string {
  return [
    '--feedbeef-A--',
    `[${when}] aZ${client.replaceAll('.', '')}ZqZAaWgUjwEwAAAEc ${client} 40000 192.0.2.10 443`,
    '--feedbeef-B--',
    `POST /${marks.bare('audit uri')} HTTP/1.1`,
    'Host: shop.example.com',
    `User-Agent: ${marks.raw('audit user agent')}`,
    `Referer: ${marks.raw('audit referer')}`,
    `Content-Type: ${marks.raw('audit content type')}`,
    `X-${marks.bare('audit header name')}: 1`,
    `Cookie: ${marks.bare('audit cookie name')}=1`,
    '--feedbeef-F--',
    'HTTP/1.1 403 Forbidden',
    '--feedbeef-H--',
    `Message: Warning. Pattern match "x" at ARGS:${marks.bare('audit target')}. [file "/etc/x.conf"] [line "1"] [id "942100"] [msg "${marks.quoted('audit msg')}"] [data "${marks.quoted('audit data')}"] [severity "CRITICAL"] [tag "${marks.quoted('audit tag')}"]`,
    `Apache-Error: ${marks.raw('audit error')}`,
    'Action: Intercepted (phase 2)',
    '--feedbeef-Z--',
    '',
    '',
  ].join('\n');
}

/** Makes the server in an empty folder, with exclusions, searches and acts that hold markup too. */
export function makeHostileRoot(folder: string): HostileRoot {
  const demo = unpackDemo(join(folder, 'demo'), Date.now());
  const marks = new Marks();
  const at = (path: string): string => {
    const file = join(demo.root, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  const append = (path: string, text: string): void => {
    appendFileSync(at(path), text, 'latin1');
  };
  const errorLog = readFileSync(at('var/log/apache2/error_log'), 'latin1').split('\n');
  const uniqueId = /\[unique_id "([^"]+)"\]/.exec(errorLog.findLast((line) => line.includes('949110')) ?? '');
  const story = errorLog.filter((line) => line.includes(uniqueId?.[1] ?? 'none'));
  append(
    'var/log/apache2/error_log',
    errorLines(story, CLIENTS[0], (field) => marks.quoted(field)),
  );
  append(
    'var/log/apache2/error_log',
    errorLines(story, CLIENTS[1], (field) => marks.raw(`raw ${field}`)),
  );
  append(
    'var/log/apache2/error_log',
    errorLines(story, CLIENTS[2], (field) => marks.bare(`bare ${field}`)),
  );
  const ownRule = story
    .map((line) => line.replaceAll(/\[id "913100"\]/g, '[id "990001"]'))
    .join('\n')
    .replaceAll(/\[client [^\]]+\]/g, `[client ${CLIENTS[0]}]`)
    .replaceAll(/\[hostname "[^"]*"\]/g, '[hostname "shop.example.com"]')
    .replaceAll(/\[unique_id "[^"]*"\]/g, '[unique_id "aZownrulexZqZAaWgUjwEwAAAEc"]');
  append('var/log/apache2/error_log', `${ownRule}\n`);
  const auditStamp = /\[(\d\d\/\w{3}\/\d{4}:[^\]]+)\]/.exec(
    readFileSync(at('var/log/apache2/modsec_audit.log'), 'latin1').split('-A--\n').at(-1) ?? '',
  )?.[1];
  append('var/log/apache2/modsec_audit.log', auditRecord(CLIENTS[0], auditStamp ?? '', marks));
  const access = readFileSync(at('var/log/apache2/domlogs/shop.example.com'), 'latin1').trimEnd().split('\n');
  const accessStamp = /\[([^\]]+)\]/.exec(access.at(-1) ?? '')?.[1] ?? '';
  const accessLine = `${CLIENTS[0]} - ${marks.bare('access user')} [${accessStamp}] "GET /${marks.bare('access uri')} HTTP/1.1" 403 5 "${marks.quoted('access referer')}" "${marks.quoted('access agent')}"\n`;
  append('var/log/apache2/domlogs/shop.example.com', accessLine);
  append(`var/log/apache2/domlogs/${marks.bare('log name').replaceAll('/', '')}.example.com`, accessLine);
  const lfd = readFileSync(at('var/log/lfd.log'), 'latin1').trimEnd().split('\n').at(-1) ?? '';
  const stamp = lfd.slice(0, 15);
  const blocked = `(mod_security) mod_security (id:949110) triggered by ${CLIENTS[0]} (US/${marks.bare('country')}/${marks.bare('reverse name')}): 10 in the last 3600 secs`;
  append(
    'var/log/lfd.log',
    `${stamp} server lfd[2078]: ${blocked} - *Blocked in csf* [LF_MODSEC]\n` +
      `${stamp} server lfd[2079]: ${marks.raw('lfd line')} ${CLIENTS[1]}\n`,
  );
  append('etc/csf/csf.deny', `${CLIENTS[0]} # lfd: ${blocked} - ${marks.raw('deny comment')}\n`);
  append('etc/csf/csf.deny', `${CLIENTS[1]} # ${marks.raw('deny by hand')}\n`);
  append('etc/csf/csf.allow', `${CLIENTS[0]} # ${marks.raw('allow comment')}\n`);
  append('etc/csf/customers.deny', `${CLIENTS[2]} # ${marks.raw('include comment')}\n`);
  append(
    'var/lib/csf/csf.tempban',
    `${Math.floor(Date.now() / 1000) - 60}|${CLIENTS[2]}||in|86400|lfd - ${marks.raw('temporary comment')}\n`,
  );
  append('etc/csf/csf.conf', `LF_MODSEC = "${marks.bare('csf setting')}"\n`);
  append(
    'etc/userdatadomains',
    `${marks.bare('vhost').replaceAll('/', '')}.example.com: shopuser==root==sub==shop.example.com==/home/shopuser/x==192.0.2.10:80==192.0.2.10:443==1==ea-php82\n`,
  );
  append(
    'etc/apache2/conf.d/modsec/modsec2.user.conf',
    `SecRule ARGS "@rx ${marks.bare('rule pattern')}" "id:990001,phase:2,deny,msg:'${marks.bare('rule msg')}',tag:'${marks.bare('rule tag')}',ver:'${marks.bare('rule ver')}',logdata:'${marks.bare('rule logdata')}',severity:'CRITICAL'"\n`,
  );
  append(
    'etc/apache2/conf.d/userdata/std/2_4/shopuser/shop.example.com/modsec.conf',
    `# ${marks.raw('comment of others')}\n<LocationMatch "^/${marks.bare('path of others')}">\nSecRuleRemoveById 942100\n</LocationMatch>\nSecRuleUpdateTargetById 942100 "!ARGS:${marks.bare('target of others')}"\nSecRuleRemoveByTag "${marks.bare('tag of others')}"\n`,
  );
  writeFileSync(at('etc/hostname'), `${marks.bare('host name')}\n`);
  append(
    'var/log/secure',
    `${stamp} server sshd[1]: Failed password for ${marks.raw('ssh user')} from ${CLIENTS[1]} port 22 ssh2\n`,
  );
  append(
    'var/log/exim_mainlog',
    `2026-11-26 10:00:00 login authenticator failed for (${marks.raw('mail name')}) [${CLIENTS[1]}]: 535\n`,
  );
  const state = join(folder, 'state');
  plant(demo.root, state, marks);
  const mail = (demo.mails[0]?.text ?? '')
    .replaceAll(/198\.51\.100\.77/g, CLIENTS[0])
    .replace(/^Subject: .*$/m, `Subject: lfd on ${marks.raw('mail subject')}: blocked ${CLIENTS[0]}`);
  return { root: demo.root, state, mail: `${mail}\n${marks.raw('mail line')}\n`, marks: marks.byField };
}

/** Exclusions, changes, kept searches and acts in the database. */
function plant(root: string, state: string, marks: Marks): void {
  const ctx = openContext({ root, state, version: '0', env: {}, warn: () => undefined });
  const now = Date.now();
  ctx.store.write(() => {
    for (const [index, kind] of (['target-vhost', 'rule-path', 'rule-vhost'] as const).entries()) {
      const id = ctx.store.exclusions.add({
        scope: {
          ...{ kind, ruleId: `94210${index}`, tag: null, vhost: 'shop.example.com' },
          target: kind === 'target-vhost' ? `ARGS:${marks.bare('exclusion target')}` : null,
          path: kind === 'rule-path' ? { kind: 'prefix', text: `/${marks.bare('exclusion path')}` } : null,
        },
        ...{ form: 'ctl', account: 'shopuser', author: marks.raw('exclusion author') },
        ...{ reason: marks.raw('exclusion reason'), createdAt: now - 3_600_000, expiresAt: null },
      });
      ctx.store.exclusions.activate(id);
      if (index === 2) ctx.store.exclusions.end(id, 'reverted', now);
    }
    const change = ctx.store.changes.begin({
      ...{ at: now - 3_600_000, who: marks.raw('change author'), act: 'apply' },
      effect: { add: [1], end: [], edit: [] },
      ...{ reason: marks.raw('change reason'), vhosts: ['shop.example.com', marks.bare('change vhost')] },
      files: [
        {
          path: `/etc/apache2/${marks.bare('changed file')}.conf`,
          before: null,
          after: `# ${marks.raw('changed text')}\n`,
        },
      ],
    });
    ctx.store.changes.finish(change, 'done', [
      { name: 'write', ok: true, ms: 1, text: marks.raw('step text') },
    ]);
    ctx.store.saveSearch({
      ...{ name: marks.raw('search name'), who: marks.raw('search author'), at: now },
      query: JSON.stringify({ pattern: marks.raw('search pattern') }),
    });
    for (const about of CLIENTS.slice(0, 2)) {
      const id = ctx.store.marks.add({
        ...{ kind: 'false-alarm', subject: 'address', about, at: now },
        ...{ note: marks.raw('mark note'), author: marks.raw('mark author') },
      });
      if (about === CLIENTS[1]) ctx.store.marks.end(id, now, marks.raw('mark ender'));
    }
    ctx.store.record({
      ...{ at: now, who: marks.raw('act author'), address: marks.raw('act address') },
      ...{ act: marks.raw('act name'), detail: marks.raw('act detail'), result: marks.raw('act result') },
    });
  });
  ctx.close();
}
