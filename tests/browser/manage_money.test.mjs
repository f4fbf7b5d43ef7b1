// The treasurer's pages in a browser: the overview and its entries, a bank statement from the file to the paid
// order, the outbox, a cancelled conference with preview and progress. By keyboard where it says so; every page
// passes axe, fits 320 pixels, and is looked at on a tablet and in the dark.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {accessible, desktop, fillBilling, billingButton, addTicket, fitsSideways, narrow, orderButton, withPage} from './buyer.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const password = 'seven green bicycles', conference = 'plenary-demo';
const tablet = {viewport: {width: 820, height: 1180}, hasTouch: true, timezoneId: 'America/New_York'};
let server, browser, state;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer();
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

const manage = path => `${server.url}/manage/${conference}/${path}`;
const sql = text => execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(server.folder, 'plenary.db'), text], {encoding: 'utf8'}).trim();

// As the superuser, signed in once for all pages of this file.
async function withTreasurer(options, act) {
  await withPage(browser, {...options, storageState: state}, async (page, context) => {
    if (!state) {
      await page.goto(`${server.url}/accounts/login/`);
      await page.locator('input[name=username]').fill('root');
      await page.locator('input[name=password]').fill(password);
      await page.locator('main form button').first().click();
      await page.waitForURL(url => !url.pathname.endsWith('/login/'));
      state = await context.storageState();
    }
    await act(page, context);
  });
}

// An order that waits for its money. The play money of this server makes test orders: here it is a real one.
async function order(email) {
  let reference;
  await withPage(browser, desktop, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, email);
    await billingButton(page).click();
    await page.waitForURL(/\/checkout\/review\//);
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    reference = page.url().match(/ORD-[A-Z0-9]{8}/)[0];
  });
  sql(`UPDATE orders SET is_sandbox = 0 WHERE reference = '${reference}'`);
  return reference;
}

const total = reference => Number(sql(`SELECT total FROM orders WHERE reference = '${reference}'`));
const german = minor => `${Math.floor(minor / 100)},${String(minor % 100).padStart(2, '0')}`;

// By Tab to the control with this name, and Enter.
async function press(page, name) {
  for (let i = 0; i < 80; ++i) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => document.activeElement?.innerText?.trim() ?? '');
    if (here.startsWith(name)) return page.keyboard.press('Enter');
  }
  assert.fail(`${name} is not reached with the Tab key`);
}

let paid, waiting;
test('a bank statement is imported, matched and booked', async () => {
  paid = await order('ada@example.org');
  waiting = await order('bob@example.org');
  const file = {
    name: 'umsatz.csv', mimeType: 'text/csv',
    buffer: Buffer.from('Buchungstag;Name;Verwendungszweck;Betrag;Währung\n' +
      `31.05.2027;Ada Lovelace;${paid};${german(total(paid))};USD\n` +
      `31.05.2027;Bob;Danke und Gruß;5,00;USD\n31.05.2027;Halle;Miete Mai;-900,00;USD\n`),
  };
  await withTreasurer(desktop, async page => {
    await page.goto(manage('statements/'));
    await accessible(page, /Bank statements/, 20);
    await page.getByRole('link', {name: 'Import a statement'}).click();
    await page.waitForURL(/\/statements\/import\/$/);
    await accessible(page, /Import a statement/, 8);
    await page.locator('input[type=file]').setInputFiles(
      {name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from('Buchungstag;Betrag\n31.02.2027;zehn\n')});
    await page.getByRole('button', {name: 'Check the file'}).click();
    await page.getByRole('heading', {name: 'Problems'}).waitFor();
    await accessible(page, /Import a statement/, 20);
    await picture(page, 'money-statement-problems');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', {name: 'Check the file'}).click();
    await page.getByRole('button', {name: 'Import 3 entries'}).waitFor();
    await accessible(page, /Import a statement/, 20);
    await picture(page, 'money-statement-preview');
    await page.getByRole('button', {name: 'Import 3 entries'}).click();
    await page.getByRole('heading', {name: 'Beyond doubt'}).waitFor();
    await accessible(page, /Bank statements/, 30);
    await picture(page, 'money-statements');
    await page.getByRole('button', {name: 'Book it'}).click();
    await page.getByText('1 transfer was booked').first().waitFor();
  });
  assert.equal(sql(`SELECT status FROM orders WHERE reference = '${paid}'`), 'paid');
});

test('an entry without an order is booked by hand, by keyboard', async () => {
  await withTreasurer(desktop, async page => {
    await page.goto(manage('statements/?state=new'));
    await page.getByRole('link', {name: /^Decide/}).first().waitFor();
    await page.getByRole('row', {name: /Bob/}).getByRole('link', {name: /^Decide/}).click();
    await page.waitForURL(/\/entries\/\d+\/$/);
    await accessible(page, /Entry of/, 20);
    await page.getByRole('searchbox').fill(waiting);
    await page.keyboard.press('Enter');
    await page.getByLabel(waiting).waitFor();
    await accessible(page, /Entry of/, 30);
    await picture(page, 'money-entry');
    await page.getByLabel(waiting).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/statements\/($|\?)/);
  });
  assert.equal(sql(`SELECT SUM(p.amount) FROM payment p JOIN orders o ON o.id = p.order_id WHERE o.reference = '${waiting}'`), '500');
});

test('a figure of the overview opens the entries that make it', async () => {
  await withTreasurer(desktop, async page => {
    await page.goto(manage('financial/'));
    await accessible(page, /Money/, 60);
    await picture(page, 'money-overview');
    const figure = page.getByRole('row', {name: /^Bank account/}).first().getByRole('link').first();
    const shown = (await figure.innerText()).split(':')[0].trim();
    await figure.click();
    await page.waitForURL(/account=bank/);
    await accessible(page, /Ledger/, 30);
    assert.equal(await page.locator('.facts strong').innerText(), shown);
    await picture(page, 'money-ledger');
  });
  await withTreasurer({...desktop, colorScheme: 'dark'}, async page => {
    await page.goto(manage('financial/'));
    await accessible(page, /Money/, 60);
    await picture(page, 'money-overview-dark');
  });
});

test('a dead letter is tried again by keyboard, and the red line goes', async () => {
  sql(`INSERT INTO outbox (kind, conference_id, payload, run_at, attempts, last_error, is_dead, created_at) SELECT 'mail', id,
    '{"message":"order_link","order":0}', 1, 15, 'could not connect to server (connecting)', 1, 1 FROM conference`);
  await withTreasurer(desktop, async page => {
    await page.goto(manage('financial/'));
    await page.getByText('Mail is stuck.').first().waitFor();
    await page.getByRole('link', {name: 'See why'}).click();
    await page.waitForURL(/\/outbox\//);
    await accessible(page, /Mail and jobs/, 30);
    await page.getByText('The mail server could not be reached.').first().waitFor();
    await picture(page, 'money-outbox');
    await press(page, 'Try again');
    await page.getByText('It is tried again now.').first().waitFor();
    await page.goto(manage('financial/'));
    assert.equal(await page.getByText('Mail is stuck.').count(), 0);
  });
});

test('the payment set-up keeps what was typed and says what is wrong', async () => {
  await withTreasurer(desktop, async page => {
    await page.goto(manage('payment-setup/'));
    await accessible(page, /Payment set-up/, 40);
    await page.getByText('/register/webhooks/stripe/').first().waitFor();
    await page.locator('input[name=offers_transfer]').check();
    await page.locator('input[name=account_holder]').fill('Python Community');
    await page.locator('input[name=iban]').fill('DE89 3704 0044 0532 0130 01');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.locator('.faults').waitFor();
    assert.equal(await page.locator('input[name=account_holder]').inputValue(), 'Python Community');
    await accessible(page, /Payment set-up/, 40);
    await page.locator('input[name=iban]').fill('DE89 3704 0044 0532 0130 00');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByText('The payment set-up was saved.').first().waitFor();
    await picture(page, 'money-setup');
    await page.goto(manage('payments/events/'));
    await accessible(page, /Payment events/, 15);
    await page.goto(manage('payments/reconciliation/'));
    await accessible(page, /Compared with Stripe/, 3);
  });
});

test('every page fits a narrow screen and a tablet', async () => {
  const pages = ['financial/', 'financial/ledger/', 'statements/', 'statements/?state=new', 'statements/?state=booked',
    'statements/import/', 'payouts/', 'outbox/', 'payment-setup/', 'payments/events/', 'cancellation/'];
  for (const [options, name] of [[narrow, 'narrow'], [tablet, 'tablet']]) {
    await withTreasurer(options, async page => {
      for (const path of pages) {
        assert.equal((await page.goto(manage(path))).status(), 200, path);
        await fitsSideways(page);
        await picture(page, `money-${name}-${path.replace(/[^a-z]+/g, '-')}`);
      }
      await accessible(page, /Cancel the conference/, 15);
    });
  }
});

test('a conference is cancelled: choice, preview, certainty, progress, what is left to pay out', async () => {
  await withTreasurer(desktop, async page => {
    await page.goto(manage('cancellation/'));
    await accessible(page, /Cancel the conference/, 15);
    await page.getByRole('button', {name: 'See what would happen'}).click();
    await page.locator('.faults').waitFor();
    await page.getByLabel('Everything goes back', {exact: true}).check();
    await page.locator('textarea[name=note]').fill('The hall burnt down.');
    await page.getByRole('button', {name: 'See what would happen'}).click();
    await page.getByRole('heading', {name: 'This will happen'}).waitFor();
    await accessible(page, /Cancel the conference/, 40);
    await picture(page, 'money-cancellation-preview');
    await page.getByLabel(`Type ${conference} to confirm`).fill('something');
    await page.getByRole('button', {name: 'Cancel the conference'}).click();
    await page.locator('.faults').waitFor();
    await page.getByLabel(`Type ${conference} to confirm`).fill(conference);
    await page.getByRole('button', {name: 'Cancel the conference'}).click();
    await page.getByRole('heading', {name: 'The conference is cancelled'}).waitFor();
    await page.getByRole('heading', {name: 'Done', exact: true}).waitFor({timeout: 30_000});
    await accessible(page, /The conference is cancelled/, 20);
    await picture(page, 'money-cancellation-done');
    await page.getByRole('link', {name: 'Transfers to pay out'}).last().click();
    await page.waitForURL(/\/payouts\//);
    await accessible(page, /Transfers to pay out/, 20);
    await page.getByText(paid).first().waitFor();
    await picture(page, 'money-payouts');
    await page.getByRole('button', {name: 'It is paid'}).first().click();
    await page.getByText('1 transfer counts as paid now.').first().waitFor();
  });
  assert.equal(sql(`SELECT COUNT(*) FROM orders WHERE status IN ('pending', 'paid')`), '0');
});

test('the entry of the page is in sight in a side bar that is longer than the screen', async () => {
  await withTreasurer({...desktop, viewport: {width: 1280, height: 600}}, async page => {
    for (const path of ['', 'outbox/']) {
      await page.goto(manage(path));
      const [top, bottom, height] = await page.locator('.manage-side [aria-current]').evaluate(entry => {
        const box = entry.getBoundingClientRect();
        return [box.top, box.bottom, innerHeight];
      });
      assert.ok(top >= 0 && bottom <= height, `${path}: from ${top} to ${bottom} of ${height}`);
    }
  });
});
