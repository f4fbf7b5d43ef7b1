// What the pages' script adds: the cart's timer, a sale that opens by itself, a connection that is lost.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {picture, startBrowser, startServer} from './server.mjs';

let server, browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function withPage(act, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', line => /Content Security Policy/.test(line.text()) && complaints.push(line.text()));
  try {
    await act(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, [], 'the script ran without errors and within the policy');
}

const addTicket = page => page.locator('form:has(input[name=ticket_type][value=individual]) button');
const said = page => page.locator('#announcement').textContent();

async function fillCart(page) {
  await page.goto(server.shop);
  await addTicket(page).click();
  await page.waitForURL(/\/register\/cart\//);
}

test('the timer speaks at 5 and at 1 minute only, and is extended with one key while what was typed stays', async () => {
  await withPage(async page => {
    await page.clock.install();
    await fillCart(page);
    await page.goto(`${server.shop}checkout/`);
    await page.fill('input[name=billing_name]', 'Ada Lovelace');
    // From here on only the test moves the page's time: on a slow machine minutes may go by.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 10_000));
    const spoken = new Set();
    const pass = async seconds => {
      for (let gone = 0; gone < seconds; gone += 10) {
        await page.clock.runFor(10_000);
        if (await said(page)) spoken.add(await said(page));
      }
    };
    await pass(23 * 60 + 30);
    assert.equal(spoken.size, 0, [...spoken].join());
    await pass(3 * 60 + 20);
    assert.deepEqual([...spoken].map(text => text.slice(0, 43)), ['Your tickets are held for 5 more minutes. If'.slice(0, 43)]);
    assert.match(await page.locator('#timer').getAttribute('class'), /soon/);
    await picture(page, 'timer-soon');
    await pass(130);
    assert.equal(spoken.size, 2);
    await page.clock.resume();
    await page.focus('#timer button');
    await page.keyboard.press('Enter');
    await page.locator('#timer:not(.soon)').waitFor();
    assert.equal(await page.inputValue('input[name=billing_name]'), 'Ada Lovelace');
    assert.ok(await page.evaluate(() => document.activeElement.closest('#timer')), 'the focus stays at the timer');
  });
});

test('a cart changes in place: the focus and one announcement tell', async () => {
  await withPage(async page => {
    await fillCart(page);
    await page.locator('form:has(input[name=addon_slug][value=pycon-t-shirt]) button').click();
    await page.getByText('$125.00').first().waitFor();
    await page.locator('#announcement:not(:empty)').waitFor({state: 'attached'});
    assert.match(await said(page), /added to your cart/);
    assert.ok(await page.evaluate(() => document.activeElement.matches('.messages')));
    assert.match(await page.locator('#cart-link').innerText(), /2/);
  });
});

test('a lost connection loses nothing: the page stays, says so, and sending again goes through', async () => {
  await withPage(async page => {
    const drop = async act => {
      await page.route('**/*', (route, request) => request.method() === 'POST' ? route.abort() : route.fallback());
      await act();
      await page.locator('#complaint').waitFor();
      assert.match(await page.locator('#complaint').innerText(), /connection was lost/);
      await page.unroute('**/*');
      await act();
    };
    await page.goto(server.shop);
    await drop(() => addTicket(page).click());
    await page.waitForURL(/\/register\/cart\//);
    await drop(() => page.locator('form:has(input[name=addon_slug][value=pycon-t-shirt]) button').click());
    await page.getByText('$125.00').first().waitFor();
    await page.goto(`${server.shop}checkout/`);
    await page.fill('input[name=billing_name]', 'Ada Lovelace');
    await page.fill('input[name=billing_email]', 'dropped@example.com');
    await drop(() => page.locator('main form:has(input[name=billing_name]) button').click());
    await page.waitForURL(/\/checkout\/review\//);
    await picture(page, 'review-after-loss');
    await page.goBack();
    assert.equal(await page.inputValue('input[name=billing_email]'), 'dropped@example.com', 'back finds what was typed');
    await page.locator('main form:has(input[name=billing_email]) button').click();
    await page.locator('main form:has(input[name=shown_total])').waitFor();
    await drop(() => page.locator('main form:has(input[name=shown_total]) button').click());
    await page.waitForURL(/\/pay\//);
    await page.fill('input[name=card_number]', '4242424242424242');
    await page.fill('input[name=card_expiry]', '12/30');
    await page.fill('input[name=card_cvc]', '123');
    await drop(() => page.locator('main form:has(input[name=card_number]) button').click());
    await page.waitForURL(/\/confirmation\//);
  });
});

test('a likely mistype of an address is asked about', async () => {
  await withPage(async page => {
    await fillCart(page);
    await page.goto(`${server.shop}checkout/`);
    await page.locator('input[name=billing_email]').pressSequentially('ada@gmial.com');
    const question = page.getByRole('button', {name: 'Did you mean ada@gmail.com?'});
    await question.click();
    assert.equal(await page.inputValue('input[name=billing_email]'), 'ada@gmail.com');
  });
});

test('the sale opens by itself at its moment, once', async () => {
  const own = await startServer({settings: '', conference: opensTomorrow()});
  try {
    await withPage(async page => {
      await page.clock.install();
      let asked = 0;
      page.on('request', request => asked += request.url() === own.shop);
      await page.goto(own.shop);
      assert.equal(asked, 1);
      assert.match(await page.locator('#tickets').innerText(), /The sale opens on/);
      assert.equal(await addTicket(page).count(), 0);
      await picture(page, 'before-opening');
      own.passTime(48 * 3600);
      await page.clock.fastForward(48 * 3600 * 1000);
      await page.clock.runFor(5000);
      await addTicket(page).first().waitFor();
      assert.equal(asked, 2, 'fetched once');
      await page.clock.runFor(1000);
      assert.match(await said(page), /sale is open/);
    });
  } finally {
    await own.stop();
  }
});

// The example conference with a sale that begins tomorrow; dates are days in its zone.
function opensTomorrow() {
  const example = readFileSync(new URL('../../conference.example.toml', import.meta.url), 'utf8');
  const tomorrow = new Date(server.now() + 24 * 3600 * 1000).toISOString().slice(0, 10);
  const file = join(server.folder, 'opens-tomorrow.toml');
  writeFileSync(file, example.replaceAll('opens = 2026-09-01', `opens = ${tomorrow}`));
  return file;
}

test('names typed for several tickets stay when one of them is saved', async () => {
  await withPage(async page => {
    await page.goto(server.shop);
    await page.fill('form:has(input[name=ticket_type][value=individual]) input[name=quantity]', '3');
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await page.fill('input[name=billing_name]', 'Ada Lovelace');
    await page.fill('input[name=billing_email]', 'several@example.com');
    await page.locator('main form:has(input[name=billing_name]) button').last().click();
    await page.waitForURL(/\/checkout\/review\//);
    await page.locator('main form:has(input[name=shown_total]) button').last().click();
    await page.waitForURL(/\/pay\//);
    await page.fill('input[name=card_number]', '4242424242424242');
    await page.fill('input[name=card_expiry]', '12/30');
    await page.fill('input[name=card_cvc]', '123');
    await page.press('input[name=card_cvc]', 'Enter');
    await page.waitForURL(/\/confirmation\//);
    await page.goto(page.url().replace('confirmation/', ''));
    const seat = number => page.locator('.seat').nth(number - 1);
    await seat(2).locator('input[name=name]').fill('Grace Hopper');
    await seat(3).locator('input[name=name]').fill('Mary Shelley');
    await seat(3).locator('input[name=email]').fill('mary@example.com');
    assert.equal(await page.locator('.unsaved').count(), 0);
    await seat(2).getByRole('button', {name: 'Save ticket 2'}).click();
    await seat(3).getByText('Not saved yet.').waitFor();
    assert.equal(await seat(2).locator('input[name=name]').inputValue(), 'Grace Hopper');
    assert.equal(await seat(2).locator('.unsaved').count(), 0);
    assert.equal(await seat(3).locator('input[name=name]').inputValue(), 'Mary Shelley');
    assert.equal(await seat(3).locator('input[name=email]').inputValue(), 'mary@example.com');
    await picture(page, 'seats-unsaved');
    await seat(3).getByRole('button', {name: 'Save ticket 3'}).click();
    await seat(3).getByText('Mary Shelley').waitFor();
    assert.equal(await page.locator('.unsaved').count(), 0);
    assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter(key => key.startsWith('seats')).length), 0, 'nothing of it is kept');
  });
});
