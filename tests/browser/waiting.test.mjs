// The waiting list in a real browser: from a full house to a ticket, leaving again; with and without JavaScript, on a
// phone, at 320 pixels, in the dark. Every page passes axe.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {accessible, addTicket, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, pay, phone,
  withPage} from './buyer.mjs';
import {linkIn, mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
let server, browser, shift = 0;

before(async () => {
  // The usual conference, with two individual tickets and a waiting list.
  const usual = readFileSync(join(root, 'conference.example.toml'), 'utf8');
  const small = usual.replace('quantity = 2500\nper_user = 4', 'quantity = 2\nper_user = 4\nwaiting_list = true');
  assert.notEqual(small, usual);
  const conference = join(tmpdir(), `plenary-waiting-${process.pid}.toml`);
  writeFileSync(conference, small);
  server = await startServer({conference});
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

// The job looks every 15 seconds.
const pass = seconds => server.passTime(shift += seconds);
const list = () => `${server.shop}waiting-list/`;
const join_ = page => page.locator('main form button').last();

async function takeBoth(page) {
  await page.goto(server.shop);
  await page.fill('form:has(input[value=individual]) input[name=quantity]', '2');
  await addTicket(page).click();
  await page.waitForURL(/\/cart\//);
}
async function giveBack(page) {
  await page.goto(`${server.shop}cart/`);
  await Promise.all([
    page.waitForResponse(answer => answer.request().method() === 'POST'),
    page.locator('form:has(input[value=remove_item]) button').first().click(),
  ]);
  await page.waitForLoadState();
}
async function wait(page, email, look = async () => {}) {
  await page.goto(server.shop);
  await look('waiting-tickets', /ticket/i);
  await page.locator('a[href*="waiting-list"]').first().click();
  await page.waitForURL(/waiting-list/);
  await look('waiting-form', /waiting list/i);
  await page.evaluate(() => document.querySelectorAll('form').forEach(form => form.noValidate = true)).catch(() => {});
  await page.fill('input[name=email]', 'no address');
  await join_(page).click();
  await page.locator('[aria-invalid=true]').first().waitFor();
  await look('waiting-form-error', /waiting list/i);
  await page.fill('input[name=name]', 'Bob Example');
  await page.fill('input[name=email]', email);
  await join_(page).click();
  await page.waitForURL(/waiting-list\/\d+\//);
  await look('waiting-place', /place/i);
  assert.match(await page.locator('main').innerText(), /Number 1 in line/);
}

for (const [name, options] of [['desktop', desktop], ['phone-without-javascript', {...phone, javaScriptEnabled: false}],
  ['narrow-dark', {...narrow, colorScheme: 'dark'}]]) {
  test(`from a full house to a ticket: ${name}`, async () => {
    const scripted = options.javaScriptEnabled !== false;
    await withPage(browser, desktop, async first => {
      await takeBoth(first);
      await withPage(browser, options, async page => {
        const look = async (step, heading) => {
          if (scripted) {
            await accessible(page, heading);
            await fitsSideways(page);
          }
          await picture(page, `${step}-${name}`);
        };
        const email = `bob-${name}@example.com`;
        await wait(page, email, look);
        assert.match((await mailTo(server, email, /waiting list/i)).text, /number 1 in line/);
        await giveBack(first);
        await first.goto(server.shop);
        assert.match(await first.locator('main').innerText(), /\b1 remaining/, 'of the two that came back one is kept for who waits');
        pass(20);
        const offer = await mailTo(server, email, /yours/i);
        await page.goto(linkIn(offer, '/waiting-list/'));
        await look('waiting-offer', /your turn/i);
        await page.locator('main form button.btn-primary').click();
        await page.waitForURL(/\/checkout\//);
        await fillBilling(page, email);
        await billingButton(page).click();
        await page.waitForURL(/\/review\//);
        await orderButton(page).click();
        await page.waitForURL(/\/pay\//);
        await pay(page);
        await page.waitForURL(/\/confirmation\//);
      });
      // The second ticket is for everybody again: nobody waits.
      await first.goto(server.shop);
      assert.equal(await addTicket(first).count(), 1);
    });
    // For the next round: two more.
    server.run('bootstrap_conference', '--config', more(), '--update');
  });
}

let sold = 2;
function more() {
  sold += 1;
  const usual = readFileSync(join(root, 'conference.example.toml'), 'utf8');
  const file = join(tmpdir(), `plenary-waiting-${process.pid}.toml`);
  writeFileSync(file, usual.replace('quantity = 2500\nper_user = 4',
      `quantity = ${sold}\nper_user = 4\nwaiting_list = true`));
  return file;
}

test('one click of the mail leaves', async () => {
  await withPage(browser, desktop, async first => {
    await takeBoth(first);
    await withPage(browser, phone, async page => {
      await wait(page, 'leaver@example.com');
      const joined = await mailTo(server, 'leaver@example.com', /waiting list/i);
      const leave = joined.text.split(/\s+/).find(word => word.endsWith('/leave/'));
      await page.goto(leave);
      await accessible(page, /leave/i);
      await fitsSideways(page);
      await picture(page, 'waiting-leave-phone');
      await page.locator('main form button').click();
      await page.getByText('You are no longer on the waiting list.').first().waitFor();
      await giveBack(first);
      await first.goto(server.shop);
      assert.equal(await addTicket(first).count(), 1, 'nobody waits any more');
    });
  });
});
