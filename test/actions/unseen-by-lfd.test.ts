// What lfd cannot count: refusals of ModSecurity 3 in nginx, and LiteSpeed's own lines.
import { describe, expect, test } from '@jest/globals';
import type { Statement } from '../../src/actions/explanation.ts';
import { makeRoot, tempDir } from '../host/make-root.ts';
import { cli } from './kit.ts';

const refusal = (second: string, client: string, host = 'shop.example.com'): string =>
  `2026/11/22 13:18:${second} [error] 27488#27488: *58${second} [client ${client}] ModSecurity: Access denied with code 403 (phase 2). Matched "Operator \`Ge' with parameter \`5' against variable \`TX:ANOMALY_SCORE' (Value: \`10' ) [file "/r/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "81"] [id "949110"] [rev ""] [msg "Inbound Anomaly Score Exceeded (Total Score: 10)"] [data ""] [severity "2"] [ver "OWASP_CRS/3.3.4"] [maturity "0"] [accuracy "0"] [tag "attack-generic"] [hostname "127.0.0.1"] [uri "/.env"] [unique_id "1795353487${second}.671319"] [ref ""], client: ${client}, server: ${host}, request: "GET /.env HTTP/1.1", host: "${host}"`;
const litespeed =
  '2026-11-22 13:18:07.887905 [NOTICE] [2288689] [T1] [203.0.113.9:51234-3#APVH_*_server.example.com] [MODSEC] mod_security rule [id "920170"] at [/r/X.conf:180] triggered!';
const apache =
  '[Sun Nov 22 13:18:07.110242 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.8:0] [client 203.0.113.8] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/r/a.conf"] [line "93"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/"] [unique_id "awLnAA9EhiZpbizFOi3ZJgAAAAo"]';

function server(): string {
  const root = makeRoot();
  root.write('/etc/csf/csf.conf', 'LF_MODSEC = "5"\nMODSEC_LOG = "/usr/local/apache/logs/error_log"\n');
  root.write('/etc/csf/csf.deny', '');
  root.write(
    '/var/log/nginx/error.log',
    `${refusal('07', '203.0.113.7')}\n${refusal('09', '203.0.113.7')}\n`,
  );
  root.write('/etc/apache2/logs/error_log', `${apache}\n${litespeed}\n`);
  return root.dir;
}

/** What of `explain --json` is looked at. */
interface Json {
  readonly incident: { readonly requests: number } | null;
  readonly statements: readonly Statement[];
}

async function explained(root: string, address: string): Promise<{ text: string; json: Json }> {
  const at = ['--root', root, '--state', `${tempDir()}/state`];
  const text = (await cli(['explain', address, ...at])).out.replace(/\s+/g, ' ');
  const json = JSON.parse((await cli(['explain', address, '--json', ...at])).out) as Json;
  return { text, json };
}

describe('lines that lfd does not see', () => {
  const root = server();

  test('nginx with ModSecurity 3: the text and the JSON say it, with the lines behind it', async () => {
    const { text, json } = await explained(root, '203.0.113.7');
    expect(json.incident?.requests).toBe(2);
    expect(text).toContain(
      'lfd does not see the lines of these 2 refusals: nginx writes the connection’s number',
    );
    const said = json.statements.find(({ sentence }) => sentence.startsWith('lfd does not see'));
    expect(said?.basis).toBe('known');
    expect(said?.lines.map(({ file }) => file)).toEqual([
      '/var/log/nginx/error.log',
      '/var/log/nginx/error.log',
    ]);
  });

  test("LiteSpeed's own shape", async () => {
    const { text } = await explained(root, '203.0.113.9');
    expect(text).toContain(
      'lfd does not see the lines of this request: csf’s own expressions fit no line of LiteSpeed',
    );
  });

  test("Apache's lines are seen: nothing is said", async () => {
    const { text, json } = await explained(root, '203.0.113.8');
    expect(json.incident?.requests).toBe(1);
    expect(text).not.toContain('does not see');
  });

  test('doctor says it of the log', async () => {
    const { out } = await cli(['doctor', '--root', root, '--state', `${tempDir()}/state`]);
    expect(out.replace(/\s+/g, ' ')).toContain('lfd does not see these lines');
  });
});
