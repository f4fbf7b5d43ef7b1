// What goes wrong, in the middle of a sale with payments. Each is called once a round, at a random moment; it leaves a world in
// which the sale can go on.
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Buyer, wait} from './shop.mjs';

const some = (low, high) => low + Math.floor(Math.random() * (high - low + 1));

async function killServer(world) {
  await world.kill(0);
  await wait(some(0, 300));
  await world.startServer(0);
}

// The stand-in carries out a call and never answers; the server dies while it waits. Both calls that move money.
async function killBetweenCallAndNote(world) {
  const path = Math.random() < 0.5 ? '/v1/refunds' : '/v1/payment_intents';
  await world.control('fault', {path, method: 'POST', times: '1', after: '1', silent: '1'});
  await wait(some(200, 900));
  await world.kill(0);
  await world.control('clear', {});
  await world.startServer(0);
}

async function standInFaults(world) {
  await world.control('delay', {ms: String(some(0, 300))});
  await world.control('fault', {times: '6', status: '500'});
  await world.control('fault', {path: '/v1/payment_intents', times: '3', status: '429', retry_after: '1'});
  await world.control('fault', {times: '3', status: '502', after: '1'});
  await world.control('fault', {times: '2', drops: '1'});
  await wait(some(500, 2500));
  await world.control('clear', {});
}

async function replayedWebhooks(world) {
  await world.control('deliver', {again: '1', times: '10', reverse: '1'});
  await world.control('deliver', {again: '1', wrong_signature: '1'});
  for (let sent = 0; sent < 1000;) {
    const answer = await world.control('deliver', {again: '1', times: '20'});
    sent += answer.sent ?? 0;
    if (!answer.sent) break;
  }
}

async function lateWebhooks(world) {
  await world.control('webhook', {off: '1'});
  await wait(some(1000, 3000));
  await world.control('webhook', {url: `${world.nextUrl()}/${world.conference}/register/webhooks/stripe/`});
  await world.control('deliver', {reverse: '1', times: '2'});
}

async function jumpingClock(world) {
  for (const shift of [3600, 0, 1200, -600, 7200]) {
    world.passTime(shift);
    await wait(some(200, 600));
  }
}

// Somebody else holds the write lock of the database.
async function busyDatabase(world) {
  if (world.postgres) {
    world.postgres.sql(world.database, "BEGIN; LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT");
    return;
  }
  const client = spawn('sqlite3', ['-bail', join(world.data, 'plenary.db')], {stdio: ['pipe', 'ignore', 'ignore']});
  client.stdin.write('.timeout 20000\nBEGIN IMMEDIATE;\n.shell sleep 3\nCOMMIT;\n');
  client.stdin.end();
  await new Promise(done => client.once('exit', done));
}

// A file that leaves no room on the small disk that SQLite's file lies on.
async function fullDisk(world) {
  const filler = join(world.data, 'filler');
  const {bavail, bsize} = statfsSync(world.data);
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', `count=${Math.ceil((bavail * bsize) / 65536) + 16}`],
        {stdio: 'ignore'});
  } catch { /* full, as it should be */ }
  await wait(some(500, 2000));
  if (existsSync(filler)) rmSync(filler);
}

const postgresKilled = world => world.postgres.restart(some(0, 1500));
async function postgresFailedOver(world) {
  world.lost = await world.postgres.failOver(some(0, 1500));
}

// Two browsers of one buyer: both open the card form, both pay.
async function twoBrowsers(world, {buyers}) {
  const pairs = buyers.filter(buyer => buyer.path).slice(0, 12);
  await Promise.all(pairs.map(async buyer => {
    const other = Object.assign(new Buyer(world, `${buyer.name}-2`), {path: buyer.path, reference: buyer.reference});
    const forms = await Promise.all([buyer.openForm(), other.openForm()]);
    await Promise.all(forms.filter(form => form.intent).map(form =>
      world.control('pay', {intent: form.intent, number: '4242424242424242'})));
  }));
}

// Refunds made in Stripe's dashboard while the payment's own news is still under way, and buyers who cancel meanwhile.
async function crossingRefunds(world, {buyers}) {
  await world.control('webhook', {off: '1'});
  const {intents = []} = await world.control('state');
  await wait(some(300, 900));
  for (const intent of intents.filter(each => each.status === 'succeeded').slice(-10))
    await world.control('refund', {intent: intent.id, amount: String(Math.random() < 0.5 ? intent.amount : 2500)});
  await Promise.all(buyers.filter(buyer => buyer.path).slice(-6).map(async buyer => {
    const page = await buyer.send(`${buyer.path}cancel/`);
    const fields = page.status === 200 ? Buyer.hidden(page.body, 'csrf') : null;
    if (fields) await buyer.send(`${buyer.path}cancel/`, fields);
  }));
  await world.control('webhook', {url: `${world.nextUrl()}/${world.conference}/register/webhooks/stripe/`});
  await world.control('deliver', {reverse: '1'});
}

// The small disk: 64 MB of memory, where this user may mount one.
export function smallDisk(folder) {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder], {stdio: 'ignore'});
    return {folder, away: () => execFileSync('umount', ['-l', folder], {stdio: 'ignore'})};
  } catch {
    return null;
  }
}

export const faults = [
  {name: 'a server killed (kill -9)', engine: 'both', make: killServer},
  {name: 'killed between a call and its note', engine: 'both', make: killBetweenCallAndNote},
  {name: "Stripe's faults: 5xx, 429, cut, slow", engine: 'both', make: standInFaults},
  {name: 'news of Stripe replayed 1,000 times', engine: 'both', make: replayedWebhooks},
  {name: 'news of Stripe late, twice, reversed', engine: 'both', make: lateWebhooks},
  {name: 'clock jumping', engine: 'both', make: jumpingClock},
  {name: 'database busy', engine: 'both', make: busyDatabase},
  {name: 'two browsers paying one order', engine: 'both', make: twoBrowsers},
  {name: 'refund and payment crossing', engine: 'both', make: crossingRefunds},
  {name: 'disk full', engine: 'sqlite', make: fullDisk, needsDisk: true},
  {name: 'PostgreSQL killed and restarted', engine: 'postgresql', make: postgresKilled},
  {name: 'PostgreSQL failed over', engine: 'postgresql', make: postgresFailedOver, needsStandby: true},
];
