// A private PostgreSQL with a standby that every commit waits for: killed, restarted, failed over. As root its servers run as
// the user postgres. Their sockets lie in short temporary folders of their own.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, chmodSync, rmSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {wait} from './shop.mjs';

const isRoot = process.getuid() === 0;

export function findBinaries() {
  for (const version of existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort().reverse() : [])
    if (existsSync(`/usr/lib/postgresql/${version}/bin/initdb`)) return `/usr/lib/postgresql/${version}/bin`;
  throw new Error('no PostgreSQL server is installed: apt-get install postgresql-15');
}

export class Cluster {
  constructor() {
    this.bin = findBinaries();
    this.nodes = [];
    this.port = 5432;
  }

  as(command, ...args) {
    const [file, all] = isRoot ? ['runuser', ['-u', 'postgres', '--', join(this.bin, command), ...args]]
                               : [join(this.bin, command), args];
    const run = spawnSync(file, all, {encoding: 'utf8', cwd: '/', stdio: ['ignore', 'pipe', 'pipe']});
    if (run.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${run.stdout}${run.stderr}`);
    return run.stdout;
  }
  home() {
    const folder = mkdtempSync(join(existsSync('/var/tmp') ? '/var/tmp' : '/tmp', 'plenary-pg.'));
    chmodSync(folder, 0o711);
    if (isRoot) execFileSync('chown', ['postgres', folder]);
    return folder;
  }
  serve(node) {
    this.as('pg_ctl', '-D', join(node, 'data'), '-w', '-t', '60', '-l', join(node, 'log'), '-o',
        `-c listen_addresses='' -c unix_socket_directories=${node} -c port=${this.port} -c max_connections=200 ` +
        '-c synchronous_commit=on -c wal_level=replica -c max_wal_senders=10 -c hot_standby=on', 'start');
  }

  // The first node; a standby only when asked for.
  start() {
    const node = this.home();
    this.as('initdb', '-D', join(node, 'data'), '-U', 'plenary', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8');
    this.serve(node);
    this.nodes = [node];
    this.primary = node;
  }
  addStandby() {
    const node = this.home();
    this.as('pg_basebackup', '-h', this.primary, '-p', String(this.port), '-U', 'plenary', '-D', join(node, 'data'), '-R', '-X',
        'stream', '-c', 'fast');
    this.serve(node);
    this.nodes.push(node);
    this.sql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '*'");
    this.sql('postgres', 'SELECT pg_reload_conf()');
    return node;
  }

  sql(database, text) {
    return execFileSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', this.url(database), '-c', text],
        {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28});
  }
  rows(database, sql) {
    const text = this.sql(database, `SELECT COALESCE(json_agg(t), '[]') FROM (${sql}) t`);
    return JSON.parse(text.trim());
  }
  url(database) {
    const hosts = this.nodes.join(',');
    return `postgresql://plenary@/${database}?host=${hosts}` +
        (this.nodes.length > 1 ? '&target_session_attrs=read-write' : '');
  }
  create(database) {
    this.sql('postgres', `CREATE DATABASE ${database}`);
  }
  fresh(database, template) {
    this.sql('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    this.sql('postgres', `CREATE DATABASE ${database} TEMPLATE ${template}`);
  }

  crash() {
    this.as('pg_ctl', '-D', join(this.primary, 'data'), '-m', 'immediate', '-w', 'stop');
  }
  async restart(milliseconds) {
    this.crash();
    await wait(milliseconds);
    this.serve(this.primary);
  }
  // The primary dies for good; the standby, which has every acknowledged commit, takes its place.
  async failOver(milliseconds) {
    this.crash();
    await wait(milliseconds);
    const standby = this.nodes.find(node => node !== this.primary);
    this.as('pg_ctl', '-D', join(standby, 'data'), '-w', 'promote');
    const dead = this.primary;
    this.primary = standby;
    this.sql('postgres', "ALTER SYSTEM SET synchronous_standby_names = ''");
    this.sql('postgres', 'SELECT pg_reload_conf()');
    return dead;
  }
  drop(node) {
    spawnSync(isRoot ? 'runuser' : join(this.bin, 'pg_ctl'),
        isRoot ? ['-u', 'postgres', '--', join(this.bin, 'pg_ctl'), '-D', join(node, 'data'), '-m', 'immediate', 'stop']
               : ['-D', join(node, 'data'), '-m', 'immediate', 'stop'], {cwd: '/', stdio: 'ignore'});
    rmSync(node, {recursive: true, force: true});
    this.nodes = this.nodes.filter(other => other !== node);
  }
  stop() {
    for (const node of [...this.nodes]) this.drop(node);
  }
}
