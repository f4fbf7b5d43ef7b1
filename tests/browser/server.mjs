// A Plenary server of its own for each test file: a temporary folder, a free port, the example conference.
import {spawn, execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, mkdirSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const plenary = process.env.PLENARY ?? join(root, 'build/test/plenary');

// The seconds from the real time to the servers': a test file begins in the same moment of the same day, whenever it runs,
// with the example conference on sale. Only browsers have their own time.
export const ahead = Math.round((Date.UTC(2026, 10, 26, 15) - Date.now()) / 1000);
const clockLine = seconds => `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`;

const freePort = () => new Promise((done, fail) => {
  const probe = createServer();
  probe.once('error', fail);
  probe.listen(0, '127.0.0.1', () => {
    const {port} = probe.address();
    probe.close(() => done(port));
  });
});

export async function startServer({settings = '', conference = join(root, 'conference.example.toml'), demo = false, sql} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'plenary-browser-'));
  let port;
  const choosePort = async () => {
    port = await freePort();
    writeFileSync(join(folder, 'plenary.toml'),
        `[server]\nlisten = "127.0.0.1:${port}"\nclock_file = "clock"\n${settings}\n`);
  };
  await choosePort();
  writeFileSync(join(folder, 'clock'), clockLine(ahead));
  let passed = 0;
  const run = (...args) => execFileSync(plenary, args, {cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
  run('migrate');
  run('bootstrap_conference', '--config', conference, ...(demo ? ['--seed-demo'] : []));
  for (const file of [sql ?? []].flat()) execFileSync('sqlite3', ['-bail', join(folder, 'plenary.db')], {
    input: readFileSync(file, 'utf8').replaceAll("strftime('%s', 'now')", String(Math.round(Date.now() / 1000) + ahead)),
  });
  // The server says itself when it listens. Until then somebody else may have taken the port: another one is chosen.
  let process_, output = '';
  const listens = () => new Promise(done => {
    process_ = spawn(plenary, ['serve'], {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']});
    const hear = text => {
      output += text;
      if (output.includes('Open http')) done(true);
    };
    process_.stdout.on('data', hear);
    process_.stderr.on('data', hear);
    process_.once('close', () => done(false));
  });
  for (let tries = 1; !await listens(); ++tries) {
    if (tries === 5 || !output.includes('Address already in use')) throw new Error(`the server did not start:\n${output}`);
    output = '';
    await choosePort();
  }
  const url = `http://127.0.0.1:${port}`;
  return {
    url, folder, run,
    shop: `${url}/plenary-demo/register/`,
    now: () => Date.now() + (ahead + passed) * 1000,  // its time, in milliseconds since 1970
    // So many after the beginning, all passed ones included. The file is there as a whole or not at all, and the server, which looks at it every 10 ms, knows the new time when
    // this returns.
    passTime(seconds) {
      passed = seconds;
      writeFileSync(join(folder, 'clock.new'), clockLine(ahead + passed));
      renameSync(join(folder, 'clock.new'), join(folder, 'clock'));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    },
    async stop() {
      const ended = new Promise(done => process_.once('exit', done));
      process_.kill('SIGTERM');
      await ended;
      const verdict = run('verify', 'stock') + run('verify', 'ledger');
      rmSync(folder, {recursive: true, force: true});
      return verdict;
    },
  };
}

// With PLENARY_LATENCY in milliseconds every request waits that long: a test that looks at the page before the answer to what
// it did is there, and passes only on a fast machine, fails then.
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const latency = Number(process.env.PLENARY_LATENCY ?? 0);
  if (latency) {
    const newContext = browser.newContext.bind(browser);
    browser.newContext = async options => {
      const context = await newContext(options);
      await context.route('**/*', route => setTimeout(() => route.continue().catch(() => {}), latency));
      return context;
    };
  }
  return browser;
}

// Screenshots for people to look at; not compared.
export async function picture(page, name) {
  const folder = process.env.PLENARY_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, {recursive: true});
  await page.screenshot({path: join(folder, `${name}.png`), fullPage: true});
}
