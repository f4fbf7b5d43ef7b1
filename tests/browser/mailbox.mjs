// The mail that a development server wrote into its folder, newest last.
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';

const unquoted = text => Buffer.from(text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g,
    (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');

const unfolded = text => text.replace(/\r?\n[ \t]+/g, ' ');

function decodedWords(text) {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind, value) => kind.toLowerCase() === 'b' ?
      Buffer.from(value, 'base64').toString('utf8') : unquoted(value.replaceAll('_', ' ')));
}

function parsed(file) {
  const source = readFileSync(file, 'latin1');
  const head = unfolded(source.slice(0, source.search(/\r?\n\r?\n/)));
  const header = name => decodedWords(head.match(new RegExp(`^${name}:[ \\t]*(.*)$`, 'im'))?.[1].trim() ?? '');
  const part = type => {
    const start = source.search(new RegExp(`^Content-Type: ${type}`, 'im'));
    if (start < 0) return '';
    const rest = source.slice(start), gap = rest.search(/\r?\n\r?\n/);
    const headers = rest.slice(0, gap), body = rest.slice(gap).replace(/\r?\n--[^\r\n]+(--)?\r?\n[\s\S]*$/, '');
    if (/quoted-printable/i.test(headers)) return unquoted(body);
    if (/base64/i.test(headers)) return Buffer.from(body, 'base64').toString('utf8');
    return Buffer.from(body, 'latin1').toString('utf8');
  };
  return {to: header('To'), subject: header('Subject'), text: part('text/plain'), html: part('text/html')};
}

function mailsIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter(name => name.endsWith('.eml')).map(name => join(folder, name))
      .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).map(parsed);
}

// The newest mail to the address whose subject fits; waits for the worker that writes it.
export async function mailTo(server, address, subject = /./) {
  const folder = join(server.folder, '.plenary', 'mail');
  for (let looks = 0; looks < 600; ++looks) {
    const found = mailsIn(folder).filter(mail => mail.to.includes(address) && subject.test(mail.subject)).pop();
    if (found) return found;
    await new Promise(next => setTimeout(next, 100));
  }
  throw new Error(`no mail to ${address} with ${subject}; there are: ` +
      mailsIn(folder).map(mail => `${mail.to}: ${mail.subject}`).join(' | '));
}

// The address in a mail's text that contains `part`.
export function linkIn(mail, part) {
  const link = mail.text.match(/https?:\/\/\S+/g)?.find(url => url.includes(part));
  if (!link) throw new Error(`no link with ${part} in:\n${mail.text}`);
  return link.replace(/[.,)>]+$/, '');
}
