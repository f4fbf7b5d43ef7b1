// What a chaos run happens in: a database of its own (SQLite, or a private PostgreSQL with a standby), Stripe's stand-in on a
// port, a server or two, a clock that can be moved. Everything below one folder.
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {wait} from './shop.mjs';

export const freePort = () => new Promise((done, fail) => {
  const probe = createServer();
  probe.once('error', fail);
  probe.listen(0, '127.0.0.1', () => {
    const {port} = probe.address();
    probe.close(() => done(port));
  });
});

export class World {
  constructor({folder, plenary, standIn, recount, stock, postgres}) {
    Object.assign(this, {folder, plenary, standInBinary: standIn, recountScript: recount, stock, postgres});
    this.conference = 'onsale';
    this.patience = 60_000;
    this.told = new Map();
    this.servers = [];
    this.shift = 0;
  }

  get url() {
    if (!this.postgres) return `sqlite://${join(this.data, 'plenary.db')}`;
    return this.postgres.url(this.database);
  }

  // A fresh database, the stand-in, nothing running yet. `data`: where SQLite's file lies, when not in the folder.
  async begin(name, {servers = 1, data} = {}) {
    this.place = join(this.folder, name);
    this.data = data ?? this.place;
    this.database = 'chaos_round';
    mkdirSync(this.place, {recursive: true});
    this.serverCount = servers;
    this.ports = [];
    for (let i = 0; i < servers; i += 1) this.ports.push(await freePort());
    await this.startStandIn();
    this.passTime(0);
    this.writeSettings(this.ports[0]);
    if (this.postgres) await this.postgres.fresh(this.database, 'chaos_first');
    else copyFileSync(join(this.folder, 'first', 'plenary.db'), join(this.data, 'plenary.db'));
    copyFileSync(join(this.folder, 'first', 'plenary.key'), join(this.place, 'plenary.key'));
    await this.startServers();
    await this.control('webhook', {url: `${this.nextUrl()}/${this.conference}/register/webhooks/stripe/`});
  }

  // Once: migrated, one conference.
  async prepare() {
    this.place = join(this.folder, 'first');
    this.data = this.place;
    this.database = 'chaos_first';
    mkdirSync(this.place, {recursive: true});
    await this.startStandIn();
    this.passTime(0);
    this.ports = [await freePort()];
    this.serverCount = 1;
    this.writeSettings(this.ports[0]);
    writeFileSync(join(this.place, 'conference.toml'), `[conference]
name = "On Sale"
slug = "${this.conference}"
start = 2035-05-14
end = 2035-05-16
timezone = "Europe/Berlin"
total_capacity = ${this.stock}

[[conference.sections]]
name = "Talks"
start = 2035-05-14
end = 2035-05-16

[[conference.tickets]]
name = "Individual"
slug = "individual"
price = 100.00
quantity = ${this.stock}
per_user = 10
`);
    if (this.postgres) await this.postgres.create(this.database);
    this.run('migrate');
    this.run('bootstrap_conference', '--config', join(this.place, 'conference.toml'));
    await this.startServers();
    await this.stopServers();
    await this.end();
  }

  writeSettings(port, file = 'plenary.toml') {
    writeFileSync(join(this.place, file), `[server]
listen = "127.0.0.1:${port}"
mode = "development"
max_connections_per_network = 10000
clock_file = "clock"

[database]
url = "${this.url}"

[security]
limits = false

[program.stripe]
secret_key = "sk_test_standin0001"
publishable_key = "pk_test_standin0001"
webhook_secret = "whsec_standin0001"
api_base = "${this.standInUrl}"
`);
  }

  run(...args) {
    return execFileSync(this.plenary, ['--settings', join(this.place, 'plenary.toml'), ...args],
        {cwd: this.place, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28});
  }

  async startStandIn() {
    const child = spawn(this.standInBinary, [], {stdio: ['ignore', 'pipe', 'inherit']});
    this.standIn = child;
    this.standInUrl = await new Promise((done, fail) => {
      child.stdout.once('data', text => done(String(text).trim().split('\n')[0]));
      child.once('exit', code => fail(new Error(`the stand-in ended with ${code}`)));
    });
  }
  async control(what, fields) {
    const answer = await fetch(`${this.standInUrl}/control/${what}`,
        fields ? {method: 'POST', body: new URLSearchParams(fields)} : {});
    return answer.json().catch(() => ({}));
  }

  nextUrl() {
    this.turn = ((this.turn ?? 0) + 1) % this.ports.length;
    return `http://127.0.0.1:${this.ports[this.turn]}`;
  }

  async startServer(index) {
    const file = `plenary${index}.toml`;
    this.writeSettings(this.ports[index], file);
    const child = spawn(this.plenary, ['--settings', join(this.place, file), 'serve'],
        {cwd: this.place, stdio: ['ignore', 'pipe', 'pipe']});
    let output = '';
    const keep = text => { output = (output + text).slice(-20_000); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.servers[index] = {child, output: () => output};
    const until = Date.now() + 30_000;
    for (;;) {
      try {
        if ((await fetch(`http://127.0.0.1:${this.ports[index]}/readyz`)).ok) return;
      } catch { /* not listening yet */ }
      if (child.exitCode !== null || child.signalCode || Date.now() > until)
        throw new Error(`server ${index} did not start:\n${output}`);
      await wait(20);
    }
  }
  async startServers() {
    for (let i = 0; i < this.serverCount; i += 1) await this.startServer(i);
  }
  async kill(index, signal = 'SIGKILL') {
    const {child} = this.servers[index];
    if (child.exitCode !== null || child.signalCode) return child.exitCode;
    const ended = new Promise(done => child.once('exit', done));
    child.kill(signal);
    return ended;
  }
  async stopServers() {
    const codes = [];
    for (let i = 0; i < this.serverCount; i += 1) codes.push(await this.kill(i, 'SIGTERM'));
    return codes;
  }

  // The clock of every server, seconds from the real one.
  passTime(seconds) {
    this.shift = seconds;
    writeFileSync(join(this.place, 'clock'), `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  }

  rows(sql) {
    if (this.postgres) return this.postgres.rows(this.database, sql);
    const text = execFileSync('sqlite3', ['-readonly', '-json', join(this.data, 'plenary.db'), sql],
        {encoding: 'utf8', maxBuffer: 1 << 28});
    return text.trim() ? JSON.parse(text) : [];
  }

  recount() {
    const told = join(this.place, 'told');
    writeFileSync(told, [...this.told].map(([reference, {state, path}]) => `${reference}\t${state}\t${path}\n`).join(''));
    const run = spawnSync('bash', [this.recountScript, this.url, '--told', told], {encoding: 'utf8'});
    return run.status === 0 ? '' : run.stdout.split('\n').filter(line => line.includes('✗')).join('; ') + run.stderr;
  }

  async end() {
    for (const server of this.servers) server?.child.kill('SIGKILL');
    this.servers = [];
    this.standIn?.kill('SIGKILL');
  }
  forget() {
    rmSync(this.place, {recursive: true, force: true});
  }
  kept() {
    return existsSync(this.place) ? this.place : '';
  }
  log(index = 0) {
    return this.servers[index]?.output() ?? '';
  }
}

export {readFileSync};
