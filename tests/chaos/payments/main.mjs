// A sale with payments while things go wrong: each fault a number of times, and after each the same questions. No seat twice, no
// acknowledged order lost, no money taken without an order or a refund, the ledger balanced, counters equal to a recount.
//
//   node main.mjs --plenary FILE --stand-in FILE --recount FILE --folder DIR [--engine sqlite|postgresql] [--runs 20]
//                 [--only TEXT] [--stock 40] [--buyers 60]
//
// Ends with a table: fault, runs, losses. Exit code 0: all losses are 0.
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {Cluster} from './cluster.mjs';
import {faults, smallDisk} from './faults.mjs';
import {Buyer, wait} from './shop.mjs';
import {World} from './world.mjs';

const {values: options} = parseArgs({options: {
  plenary: {type: 'string'}, 'stand-in': {type: 'string'}, recount: {type: 'string'}, folder: {type: 'string'},
  engine: {type: 'string', default: 'sqlite'}, runs: {type: 'string', default: '20'}, only: {type: 'string', default: ''},
  stock: {type: 'string', default: '40'}, buyers: {type: 'string', default: '60'},
}});
const runs = Number(options.runs), buyersEach = Number(options.buyers);

// One buyer: orders, opens the card form, pays (some are declined first, some must authenticate, some pay late), looks.
async function buy(world, buyer) {
  await wait(Math.random() * 1500);
  if (!await buyer.order(1 + Math.floor(Math.random() * 2))) return;
  await wait(Math.random() * 400);
  const form = await buyer.openForm();
  if (!form.intent) return;
  buyer.intent = form.intent;
  const kind = Math.random();
  if (kind < 0.15) await world.control('pay', {intent: form.intent, number: '4000000000000002'});
  if (kind > 0.9) return;  // changed their mind
  if (kind > 0.75) {
    await world.control('pay', {intent: form.intent, number: '4000002500003155'});
    await wait(Math.random() * 300);
    await world.control('authenticate', {intent: form.intent, approve: '1'});
  } else {
    await world.control('pay', {intent: form.intent, number: '4242424242424242'});
  }
  for (let look = 0; look < 8 && !/badge succeeded|badge refunded/.test(await buyer.state()); look += 1) await wait(250);
}

// Everything that is still to be told is told; the jobs that look after payments have their turns.
async function settle(world) {
  await world.control('clear', {});
  world.passTime(world.shift > 0 ? world.shift : 0);
  await world.control('webhook', {url: `${world.nextUrl()}/${world.conference}/register/webhooks/stripe/`});
  await world.control('deliver', {});
  const until = Date.now() + 40_000;
  for (;;) {
    // Holds elapse, watchers look, refunds are asked for again: time passes.
    world.passTime(world.shift + 1800);
    await wait(700);
    const {deliverable = 0} = await world.control('state');
    if (deliverable) await world.control('deliver', {});
    const [open] = world.rows("SELECT (SELECT COUNT(*) FROM refund WHERE status = 'requested') + (SELECT COUNT(*) FROM payment " +
        "WHERE status = 'processing' OR (status = 'pending' AND intent_id <> '')) + (SELECT COUNT(*) FROM orders WHERE status = 'pending') AS n");
    if (Number(open.n) === 0) return;
    if (Date.now() > until) return;
  }
}

// The questions themselves are asked of a world in which something is lost: a payment that nobody noted, an order that is gone.
async function provesItself(world) {
  const state = await world.control('state');
  state.intents.push({id: 'pi_planted', status: 'succeeded', amount: 100});
  world.told.set('ORD-PLANTED', {state: 'ordered', path: '/'});
  const found = await losses(world, state);
  world.told.delete('ORD-PLANTED');
  return found.some(text => text.includes('pi_planted')) && found.some(text => text.includes('ORD-PLANTED'));
}

// What is wrong in the end; none: nothing was lost.
async function losses(world, state) {
  const found = [];
  const ask = (...args) => {
    try { world.run(...args); } catch (error) { found.push(`plenary ${args.join(' ')}: ${error.stdout}${error.stderr}`.slice(0, 2000)); }
  };
  const {intents = [], refunds = []} = state ?? await world.control('state');
  const payments = new Map(world.rows("SELECT p.intent_id, p.status, p.amount, o.status AS order_status, o.reference, o.total FROM payment p JOIN " +
      "orders o ON o.id = p.order_id WHERE p.intent_id <> ''").map(row => [row.intent_id, row]));
  for (const intent of intents.filter(each => each.status === 'succeeded')) {
    const payment = payments.get(intent.id);
    const back = refunds.filter(refund => refund.payment_intent === intent.id && refund.status !== 'failed' && refund.status !== 'canceled')
        .reduce((sum, refund) => sum + refund.amount, 0);
    const kept = intent.amount - back;
    if (!payment) {
      if (kept > 0) found.push(`${intent.id}: ${kept} was taken and no payment tells of it`);
    } else if (kept > 0 && !['paid', 'partially_refunded'].includes(payment.order_status)) {
      found.push(`${intent.id}: ${kept} is kept for order ${payment.reference}, which is ${payment.order_status}`);
    } else if (back > intent.amount) {
      found.push(`${intent.id}: ${back} went back of ${intent.amount}`);
    } else if (!['succeeded', 'refunded'].includes(payment.status)) {
      found.push(`${intent.id}: taken, and its payment is ${payment.status}`);
    }
  }
  for (const row of world.rows("SELECT reference, status FROM orders")) {
    const told = world.told.get(row.reference);
    if (told) told.found = true;
  }
  for (const [reference, told] of world.told) if (!told.found) found.push(`order ${reference} was told to its buyer and is gone`);
  for (const row of world.rows("SELECT o.reference FROM orders o JOIN payment p ON p.order_id = o.id AND p.status IN ('succeeded', " +
      "'refunded') AND p.method = 'stripe' WHERE o.status = 'paid' GROUP BY o.id, o.reference, o.total HAVING SUM(p.amount) - COALESCE((SELECT " +
      "SUM(r.amount) FROM refund r WHERE r.order_id = o.id AND r.status <> 'failed'), 0) <> o.total"))
    found.push(`order ${row.reference} is paid, and its payments are not its total`);
  for (const row of world.rows('SELECT s.capacity, s.sold, s.held FROM stock s WHERE s.capacity IS NOT NULL AND s.sold + s.held > s.capacity'))
    found.push(`sold ${row.sold} and held ${row.held} of ${row.capacity}`);
  ask('verify', 'stock');
  ask('verify', 'ledger');
  return found;
}

async function round(fault, number, cluster) {
  const world = new World({folder: options.folder, plenary: options.plenary, standIn: options['stand-in'], recount: options.recount,
    stock: Number(options.stock), postgres: cluster});
  const name = `${faults.indexOf(fault)}-${number}`;
  let disk = null;
  if (fault.needsDisk) {
    const place = join(options.folder, `disk-${name}`);
    mkdirSync(place, {recursive: true});
    disk = smallDisk(place);
    if (!disk) return {skipped: 'no small disk can be mounted here'};
  }
  if (fault.needsStandby) cluster.addStandby();
  let found = [];
  try {
    await world.begin(name, {data: disk?.folder});
    const buyers = Array.from({length: buyersEach}, (_, i) => new Buyer(world, `buyer-${i}`));
    const sale = Promise.allSettled(buyers.map(buyer => buy(world, buyer)));
    await wait(500 + Math.random() * 2000);
    await fault.make(world, {buyers});
    for (const {reason} of (await sale).filter(each => each.status === 'rejected')) found.push(String(reason));
    await settle(world);
    const codes = await world.stopServers();
    if (codes.some(code => code !== 0)) found.push(`a server ended with ${codes}: ${world.log().slice(-1500)}`);
    found = found.concat(await losses(world));
    if (!await provesItself(world)) found.push('planted losses were not found');
    const paid = Number(world.rows("SELECT COUNT(*) AS n FROM orders WHERE status IN ('paid', 'partially_refunded')")[0].n);
    if (paid === 0) found.push('nobody bought anything: the round shows nothing');
    return {found, paid, repeats: buyers.reduce((sum, buyer) => sum + buyer.repeats, 0), kept: world.kept()};
  } catch (error) {
    return {found: [...found, `${error.stack}`], kept: world.kept()};
  } finally {
    await world.end();
    disk?.away();
    if (fault.needsStandby) {
      // The next round begins with one server again.
      const dead = world.lost ?? cluster.nodes.find(node => node !== cluster.primary);
      if (dead) cluster.drop(dead);
      cluster.sql('postgres', "ALTER SYSTEM SET synchronous_standby_names = ''");
      cluster.sql('postgres', 'SELECT pg_reload_conf()');
    }
    if (found.length === 0) world.forget();
  }
}

let cluster = null;
const table = [];
try {
  if (options.engine === 'postgresql') {
    cluster = new Cluster();
    cluster.start();
  }
  const first = new World({folder: options.folder, plenary: options.plenary, standIn: options['stand-in'], recount: options.recount,
    stock: Number(options.stock), postgres: cluster});
  await first.prepare();
  for (const fault of faults) {
    if (fault.engine !== 'both' && fault.engine !== options.engine) continue;
    if (!fault.name.includes(options.only)) continue;
    const row = {name: fault.name, runs: 0, losses: 0, paid: 0, repeats: 0, note: ''};
    for (let number = 1; number <= runs; number += 1) {
      const result = await round(fault, number, cluster);
      if (result.skipped) { row.note = result.skipped; break; }
      row.runs += 1;
      row.losses += result.found.length;
      row.paid += result.paid ?? 0;
      row.repeats += result.repeats ?? 0;
      console.log(`  ${result.found.length ? '✗' : '✓'} ${fault.name} ${number}/${runs}: ${result.paid ?? 0} paid, ` +
          `${result.repeats ?? 0} requests sent again`);
      for (const text of result.found) console.log(`      ${text}`);
    }
    table.push(row);
  }
} finally {
  cluster?.stop();
}
console.log(`\n${'fault'.padEnd(42)} ${'runs'.padStart(5)} ${'paid'.padStart(7)} ${'again'.padStart(7)} ${'losses'.padStart(7)}`);
for (const row of table)
  console.log(`${row.name.padEnd(42)} ${String(row.runs).padStart(5)} ${String(row.paid).padStart(7)} ${String(row.repeats).padStart(7)} ` +
      `${String(row.losses).padStart(7)}  ${row.note}`);
const failed = table.filter(row => row.losses > 0).length;
console.log(`${table.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && table.some(row => row.runs > 0) ? 0 : 1);
