// What comes out of the printer: a buyer's order, an invoice, the organisers' page of an order. Without navigation, forms
// and links that only a screen can use; tables stay tables, and no page is nearly empty.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {after, before, test} from 'node:test';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {addShirt, addTicket, buy, desktop, phone, withPage} from './buyer.mjs';
import {startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const password = 'seven green bicycles';
const folder = mkdtempSync(join(tmpdir(), 'plenary-paper-'));
let server, browser;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  // In the seller's own currency: its invoices need no rate.
  const conference = join(folder, 'conference.toml');
  writeFileSync(conference, readFileSync(join(here, 'selling.toml'), 'utf8')
      .replace('event_country = "DE"', 'event_country = "DE"\ncurrency = "EUR"'));
  server = await startServer({conference, sql: join(here, 'selling.sql')});
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

// The pages as A4: their texts, one each.
async function onPaper(page, name) {
  const file = join(process.env.PLENARY_SCREENSHOTS ?? folder, `paper-${name}.pdf`);
  await page.pdf({path: file, format: 'A4'});
  return execFileSync('pdftotext', ['-layout', file, '-'], {encoding: 'utf8'}).split('\f').slice(0, -1);
}

for (const [name, options] of [['desktop', desktop], ['phone', phone]]) {
  test(`orders and invoices are printed as documents: ${name}`, async () => {
    await withPage(browser, options, async page => {
      const email = `paper-${name}@example.com`;
      await page.goto(server.shop);
      await addTicket(page).click();
      await page.waitForURL(/\/cart\//);
      await addShirt(page, '3XL');
      await buy(page, server.shop, email);
      const [reference] = (await page.locator('main').innerText()).match(/ORD-[A-Z0-9]{8}/);
      await page.goto(page.url().replace('confirmation/', ''));
      const order = (await onPaper(page, `order-${name}`)).join('\n');
      assert.match(order, /Item +Quantity +Unit price +Discount +Total/);
      assert.match(order, new RegExp(`${reference}[\\s\\S]*Individual`));
      assert.doesNotMatch(order, /Sign in|Change sizes|Cancel the order|Correct the address|Is the address right|mail them its link|Save/);

      // The invoice is made by a job.
      const invoice = page.locator('a[href*="/invoices/"]').first();
      for (let looks = 0; looks < 300 && !await invoice.count(); ++looks) await page.reload();
      await invoice.click();
      await page.locator('article.invoice').waitFor();
      const pages = await onPaper(page, `invoice-${name}`);
      assert.equal(pages.length, 1, 'it has room on one page');
      assert.match(pages[0], /Description +Quantity +Net +Tax rate +Tax +Total/);
      assert.match(pages[0], /Tax by rate[\s\S]*7 %[\s\S]*VAT number: DE136695976/);
      assert.doesNotMatch(pages[0], /Sign in|Download as PDF|Conference · Riverside/);
      // Sums stand under each other by their last digit.
      const ends = await page.locator('.invoice-totals dd').evaluateAll(all => all.map(one => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return Math.round(range.getBoundingClientRect().right);
      }));
      assert.equal(new Set(ends).size, 1, `they end at ${ends}`);

      await withPage(browser, options, async page => {
        await page.goto(`${server.url}/accounts/login/?next=%2Fmanage%2Fplenary-demo%2Forders%2F%3Fq%3D${reference}`);
        await page.locator('input[name=username]').fill('root');
        await page.locator('input[name=password]').fill(password);
        await page.keyboard.press('Enter');
        await page.waitForURL(/\/orders\/\d+\/$/);
        const staff = (await onPaper(page, `manage-${name}`)).join('\n');
        assert.match(staff, /Product +Quantity +Price of each +Discount +Tax +Amount/);
        assert.match(staff, /Paid by +State +Amount +Fee +When +Recorded by/);
        assert.doesNotMatch(staff, /Menu|Dashboard|Sign out|Change the|New secret link|Notes|Ledger|Save the notes/);
      });
    });
  });
}
