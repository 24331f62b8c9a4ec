// Copies the database while nobody but the CLI may use it: backup.ts DATABASE FOLDER.
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';

const [from = '', folder = ''] = process.argv.slice(2);
for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
const to = join(folder, basename(from));
try {
  const database = new Database(from, { fileMustExist: true });
  await database.backup(`${to}.new`);
  database.close();
  renameSync(`${to}.new`, to);
} catch {
  // A damaged one is copied as it is: the service sets it aside and reads the logs again.
  rmSync(`${to}.new`, { force: true });
  for (const part of ['', '-wal', '-shm'])
    if (existsSync(`${from}${part}`)) copyFileSync(`${from}${part}`, `${to}${part}`);
}
