// Writes the list of common passwords, one a line, lower case, sorted by their bytes, to the file named: node passwords.mjs FILE.
// What is shorter than a password may be is left out. Needs no network.
import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {dictionary} from '@zxcvbn-ts/language-common';

const out = process.argv[2];
if (!out) {
  console.error('passwords.mjs needs the file to write: node passwords.mjs FILE');
  process.exit(2);
}
const shortest = 8;
const words = [...new Set(dictionary['passwords-common'] ?? dictionary.passwords)]
  .map((word) => String(word).toLowerCase())
  .filter((word) => word.length >= shortest && !/[\r\n]/.test(word))
  .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
if (words.length < 5000) {
  console.error(`only ${words.length} common passwords were found: the package has changed`);
  process.exit(1);
}
mkdirSync(dirname(out), {recursive: true});
writeFileSync(`${out}.new`, words.join('\n') + '\n');
renameSync(`${out}.new`, out);
console.log(`${words.length} common passwords`);
