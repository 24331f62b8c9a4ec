// What is kept about acts on the firewall, blocks that somebody is told about, and mails.
import type { Db } from './database.ts';
import { FirewallActTable } from './firewall-acts.ts';
import { FirewallLookups } from './firewall-lookups.ts';
import { MailTable } from './mails.ts';
import { NoticeTable } from './notices.ts';

export interface FirewallTables {
  readonly acts: FirewallActTable;
  readonly notices: NoticeTable;
  readonly mails: MailTable;
  readonly lookups: FirewallLookups;
}

/** Those of a database. */
export function firewallTables(db: Db): FirewallTables {
  return {
    acts: new FirewallActTable(db),
    notices: new NoticeTable(db),
    mails: new MailTable(db),
    lookups: new FirewallLookups(db),
  };
}
