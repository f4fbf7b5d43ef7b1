// An order in a real browser after it was made: a question that depends on another one, sizes and extras changed with
// what it costs, cancelling with the fee, the invoices as pages and as files. With and without JavaScript, on a phone, at
// 320 pixels, in the dark; every page passes axe, and pictures of pages and files are kept.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {accessible, addShirt, addTicket, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, pay, phone,
  withPage} from './buyer.mjs';
import {mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const file = name => join(tmpdir(), `plenary-orders-${process.pid}-${name}`);
let server, browser;
before(async () => {
  const usual = readFileSync(join(here, 'selling.toml'), 'utf8');
  const changed = usual.replace('event_country = "DE"', 'event_country = "DE"\ncurrency = "EUR"\nself_change_until = 2027-05-01\n' +
      'self_cancel_until = 2027-04-30\ncancel_fee_percent = 5\ncancel_fee_amount = 10.00');
  assert.notEqual(changed, usual);
  writeFileSync(file('conference.toml'), changed);
  server = await startServer({conference: file('conference.toml'), sql: join(here, 'orders.sql')});
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

const words = page => page.locator('main').innerText();
const looks = (page, name, scripts) => async (step, heading) => {
  if (scripts) await accessible(page, heading);
  else assert.match(await page.locator('h1').first().innerText(), heading);
  if (scripts) await fitsSideways(page);
  await picture(page, `orders-${step}-${name}`);
};

// The document behind the link: its text as a reader copies it, one space between words; its picture is kept.
async function document(page, link, name) {
  const response = await page.context().request.get(new URL(await link.getAttribute('href'), page.url()).href);
  assert.equal(response.status(), 200);
  assert.match(response.headers()['content-type'], /^application\/pdf/);
  const pdf = file(`${name}.pdf`);
  writeFileSync(pdf, await response.body());
  if (process.env.PLENARY_SCREENSHOTS) {
    mkdirSync(process.env.PLENARY_SCREENSHOTS, {recursive: true});
    execFileSync('pdftoppm', ['-png', '-r', '80', pdf, join(process.env.PLENARY_SCREENSHOTS, `orders-file-${name}`)]);
  }
  assert.match(execFileSync('pdfinfo', [pdf], {encoding: 'utf8'}), /Tagged: +yes[\s\S]*Pages: +1\n[\s\S]*A4/);
  return execFileSync('pdftotext', ['-layout', pdf, '-'], {encoding: 'utf8'}).replace(/\s+/g, ' ');
}
// Whatever a page of an invoice shows is in its file.
async function sameAsFile(page, text) {
  for (const cell of await page.locator('.invoice td, .invoice dd, .invoice address').allInnerTexts())
    for (const line of cell.split('\n').map(one => one.replace(/\s+/g, ' ').trim()).filter(Boolean))
      assert.ok(text.includes(line), `the file does not say "${line}": ${text}`);
}

async function cartWithShirt(page, size) {
  await page.goto(server.shop);
  await addTicket(page).click();
  await page.waitForURL(/\/cart\//);
  await addShirt(page, size);
}

for (const [name, options] of [['desktop', desktop], ['phone-without-javascript', {...phone, javaScriptEnabled: false}],
  ['narrow-dark', {...narrow, colorScheme: 'dark'}]]) {
  const scripts = options.javaScriptEnabled !== false, email = `orders-${name}@example.com`;

  test(`a question that depends on another, a change, a cancellation and their invoices: ${name}`, async () => {
    await withPage(browser, options, async page => {
      const look = looks(page, name, scripts);
      await cartWithShirt(page, 'S');
      await page.goto(`${server.shop}checkout/`);
      const food = page.getByLabel('What do you eat?'), other = page.getByLabel('What must not be in it?');
      const question = page.locator('.question', {has: other});
      if (scripts) {
        // It comes with the answer that brings it and goes with it; what is hidden is not sent.
        assert.equal(await other.isVisible(), false);
        await food.selectOption('other');
        await other.waitFor();
        await food.selectOption('vegan');
        await other.waitFor({state: 'hidden'});
        assert.equal(await other.isDisabled(), true);
      } else {
        assert.equal(await other.isVisible(), true);
        assert.match(await question.innerText(), /Only if you answer “What do you eat\?” with “Something else”/);
      }
      await look('questions', /checkout/i);
      await fillBilling(page, email);
      await food.selectOption('');
      await billingButton(page).click();
      await page.locator('select[aria-invalid=true]').waitFor();
      assert.equal(await page.locator('[aria-invalid=true]').count(), 1, 'what is not asked is not missing');
      await food.selectOption('other');
      await billingButton(page).click();
      await page.locator('input[aria-invalid=true]').waitFor();
      assert.equal(await food.inputValue(), 'other', 'what was answered stays');
      assert.equal(await page.inputValue('input[name=billing_email]'), email);
      await look('question-error', /checkout/i);
      await other.fill('Nuts');
      await billingButton(page).click();
      await orderButton(page).waitFor();
      assert.match(await words(page), /What do you eat\?\s+Something else\s+What must not be in it\?\s+Nuts/);
      await look('review', /review/i);
      await orderButton(page).click();
      await page.waitForURL(/\/pay\//);
      await pay(page);
      await page.waitForURL(/\/confirmation\//);
      const order = page.url().replace('confirmation/', '');
      await page.goto(order);
      assert.match(await words(page), /Ticket 1: Individual[\s\S]*Something else[\s\S]*Nuts/);
      await look('order', /order/i);

      // Another answer: what was said behind a condition that no longer holds goes with it.
      await page.locator('a[href*="/answers/"]').first().click();
      await page.waitForURL(/\/answers\//);
      assert.equal(await other.inputValue(), 'Nuts');
      await food.selectOption('vegan');
      await look('answers', /ticket 1/i);
      await page.locator('#answers-form button').click();
      await page.waitForURL(url => !url.pathname.includes('/answers/'));
      await page.goto(order);
      assert.match(await words(page), /What do you eat\?\s+Vegan/);
      assert.doesNotMatch(await words(page), /Nuts/);

      // The invoice.
      const invoices = page.locator('section:has(#invoices) tbody tr');
      const issued = async number => {
        for (let times = 0; times < 200 && await invoices.count() < number; ++times) {
          await new Promise(next => setTimeout(next, 100));
          await page.goto(order);
        }
        assert.equal(await invoices.count(), number);
      };
      await issued(1);
      const text = await document(page, invoices.last().locator('a', {hasText: 'PDF'}), `invoice-${name}`);
      assert.match(text, /Plenary Demo e\.V\.[\s\S]*Invoice TEST-PD-\d{5}[\s\S]* Quantity [\s\S]*T-Shirt[\s\S]*126\.75/);
      await invoices.last().locator('th a').click();
      await page.waitForURL(/\/invoices\//);
      await look('invoice', /invoice/i);
      await sameAsFile(page, text);

      // A larger shirt and another one: what it costs is said before anything happens.
      await page.goto(order);
      await page.locator('section:has(#possibilities) a', {hasText: 'Change sizes and extras'}).click();
      await page.waitForURL(/\/change\//);
      await page.getByLabel('T-Shirt, S', {exact: true}).fill('0');
      await page.getByLabel('T-Shirt, 3XL').fill('2');
      await look('change', /change/i);
      await page.locator('button[value=review]').click();
      await page.locator('#review').waitFor();
      await look('change-preview', /change/i);
      assert.match(await words(page), /Taken back: T-Shirt, S[\s\S]*This costs €37\.45 more\./);
      await page.getByRole('button', {name: 'Change and pay €37.45'}).click();
      await page.waitForURL(/\/pay\//);
      await look('change-pay', /pay/i);
      await page.goto(order);
      assert.match(await words(page), /Your change waits for its payment of €37\.45 until/);
      await look('change-waits', /order/i);
      await page.goto(`${order}pay/`);
      await pay(page);
      await page.waitForURL(/\/confirmation\//);
      await page.goto(order);
      assert.match(await words(page), /T-Shirt, 3XL[\s\S]*Total\s+€164\.20[\s\S]*Taken back[\s\S]*T-Shirt, S/);
      await issued(3);
      assert.match(await page.locator('section:has(#invoices)').innerText(),
          /Invoice TEST-PD-[\s\S]*Credit note TEST-PDC-[\s\S]*-€26\.75[\s\S]*Invoice TEST-PD-[\s\S]*€64\.20/);
      await look('changed', /order/i);

      // Cancelling: 5 % of what was paid or 10.00, whichever is more.
      await page.locator('section:has(#possibilities) a', {hasText: 'Cancel the order'}).click();
      await page.waitForURL(/\/cancel\//);
      assert.match(await words(page), /You get €154\.20 back; €10\.00 are kept\./);
      await look('cancel', /cancel/i);
      await page.getByRole('button', {name: 'Cancel the order for good'}).click();
      await page.waitForURL(order);
      await issued(5);
      assert.match(await words(page), /Refunded[\s\S]*Cancellation fee[\s\S]*€154\.20 of it went back to you/);
      await look('cancelled', /order/i);
      assert.match((await mailTo(server, email, /cancel/i)).text, /€154\.20/);

      // Each invoice is corrected by a credit note, one of which keeps the fee: all together say what was paid for.
      const amounts = await page.locator('section:has(#invoices) td.number').allInnerTexts();
      assert.equal(amounts.map(text => Math.round(100 * Number(text.replace('€', '')))).reduce((a, b) => a + b), 1000);
      const credit = invoices.nth(3);
      const correction = await document(page, credit.locator('a', {hasText: 'PDF'}), `credit-note-${name}`);
      assert.match(correction, /Corrects TEST-PD-\d{5}[\s\S]*Credit note TEST-PDC-\d{5}[\s\S]*Individual -1 [\s\S]*Cancellation fee 1 [\s\S]*Total credited -€90\.00/);
      await credit.locator('th a').click();
      await page.waitForURL(/\/invoices\//);
      await look('credit-note', /credit note/i);
      await sameAsFile(page, correction);
    });
  });
}
