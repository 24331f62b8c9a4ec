// Sends what an outbox holds, as the service does: `node outbox-child.ts FOLDER PORT`. It is killed at any moment.
import { sendDue } from '../../src/actions/mail-outbox.ts';
import { smtpTransport } from '../../src/mail/smtp.ts';
import { openOutbox } from './outbox-kit.ts';

const [, , folder = '', port = ''] = process.argv;
const store = openOutbox(folder);
store.write(() => store.firewall.mails.markUnknown(Date.now()));
process.stdout.write('ready\n');
await sendDue({
  store: () => store,
  transport: smtpTransport(
    { host: '127.0.0.1', port: Number(port), secure: false },
    { name: 'server.example.com', password: () => '' },
  ),
  now: Date.now,
  isStopping: () => false,
});
store.close();
process.stdout.write('done\n');
