// What organisers change in an order: its lines, after a look at what would come of it, and answers; and the people of a
// conference, found and looked at. With and without JavaScript, by keyboard, at 320 pixels in the dark; every page passes axe.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {accessible, buy, desktop, fitsSideways, narrow, withPage} from './buyer.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const password = 'seven green bicycles';
let server, browser;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer();
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
  for (const email of ['ada@example.org', 'grace@example.org'])
    await withPage(browser, desktop, page => buy(page, server.shop, email));
  // Asked only since then: both tickets wait for an answer.
  execFileSync('sqlite3', ['-bail', join(server.folder, 'plenary.db')], {input: readFileSync(join(here, 'orders.sql'))});
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

async function signIn(page, path) {
  await page.goto(`${server.url}/accounts/login/?next=${encodeURIComponent(path)}`);
  await page.locator('input[name=username]').fill('root');
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button').first().click();
  await page.waitForURL(url => url.pathname + url.search === path);
}
const orders = '/manage/plenary-demo/orders/', people = '/manage/plenary-demo/attendees/';

async function openOrder(page, email) {
  await signIn(page, `${orders}?q=${encodeURIComponent(email)}`);
  await page.locator('.orders tbody th a').first().click();
  await page.waitForURL(/\/orders\/\d+\/$/);
}

test('something is added by keyboard: the preview says what is due, then the change is made', async () => {
  await withPage(browser, desktop, async page => {
    await openOrder(page, 'ada@example.org');
    await page.getByRole('link', {name: 'Change the lines'}).click();
    await accessible(page, /Change the lines/, 25);
    await picture(page, 'manage-lines');
    const shirt = await page.locator('select[name=product-0] option', {hasText: 'T-Shirt, M'}).getAttribute('value');
    await page.selectOption('select[name=product-0]', shirt);
    await page.getByRole('button', {name: 'One more product'}).click();
    const ticket = await page.locator('select[name=product-1] option', {hasText: /^Student/}).getAttribute('value');
    assert.equal(await page.inputValue('select[name=product-0]'), shirt);
    await page.selectOption('select[name=product-1]', ticket);
    await page.fill('input[name=reason]', 'Asked by phone');
    await page.focus('input[name=quantity-0]');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');               // the preview, not one more row
    await page.getByRole('heading', {name: 'Make this change?'}).waitFor();
    await page.getByText('is due afterwards').waitFor();
    await page.getByText('What do you eat?').waitFor();
    await accessible(page, /Make this change/, 25);
    await picture(page, 'manage-lines-review');
    await page.getByRole('button', {name: 'Change what you typed'}).click();
    assert.equal(await page.inputValue('input[name=quantity-0]'), '2');
    await page.getByRole('button', {name: 'See what would change'}).last().click();
    await page.getByRole('button', {name: 'Make this change'}).focus();
    await page.keyboard.press('Enter');
    await page.locator('.alert-success', {hasText: /The order was changed\..* is due\./}).waitFor();
    await page.locator('.alert-success', {hasText: 'There are questions to answer'}).waitFor();
    await accessible(page, /ORD-/, 60);
    await picture(page, 'manage-lines-done');
  });
});

test('without JavaScript a line is repriced with a reason, and what is too much stays owed', async () => {
  await withPage(browser, {...desktop, javaScriptEnabled: false}, async page => {
    await openOrder(page, 'grace@example.org');
    await page.getByRole('link', {name: 'Change the lines'}).click();
    await page.locator('input[name^=price-]').first().fill('10');
    await page.getByRole('button', {name: 'See what would change'}).last().click();
    await page.getByText('Say why the price is another one.').first().waitFor();
    assert.equal(await page.locator('input[name^=price-]').first().inputValue(), '10');
    await picture(page, 'manage-lines-refused');
    await page.fill('input[name=reason]', 'Speaker after all');
    await page.getByRole('button', {name: 'See what would change'}).last().click();
    await page.getByText('is paid too much afterwards').waitFor();
    await picture(page, 'manage-lines-review-back');
    await page.getByRole('button', {name: 'Make this change'}).click();
    await page.getByText('The order was changed.').waitFor();
    await page.getByText('refund due').first().waitFor();
  });
});

test('answers are given by staff, with the question that one of them brings', async () => {
  await withPage(browser, desktop, async page => {
    await openOrder(page, 'grace@example.org');
    await page.locator('.order-answers').getByRole('link', {name: /^Answer/}).click();
    await accessible(page, /Answers for ticket 1/, 12);
    await picture(page, 'manage-answers');
    await page.selectOption('select', 'other');
    await page.getByRole('button', {name: 'Save the answers'}).click();
    await page.getByText('There is a problem').waitFor();
    await accessible(page, /Answers for ticket 1/, 12);
    await page.locator('main input[type=text]').last().fill('Nuts');
    await page.getByRole('button', {name: 'Save the answers'}).click();
    await page.locator('.alert-success', {hasText: 'The answers were saved.'}).waitFor();
    await page.locator('.order-answers').getByText('Nuts').waitFor();
    await page.locator('.story').getByText('Answers of ticket 1 were changed.').waitFor();
    await accessible(page, /ORD-/, 60);
  });
});

test('attendees are found, filtered and looked at', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page, people);
    await accessible(page, /Attendees/, 30);
    await picture(page, 'manage-attendees');
    await page.selectOption('select[name=filter]', 'missing');
    await page.getByRole('button', {name: 'Search'}).click();
    await page.waitForURL(/filter=missing/);
    assert.equal(await page.locator('.people tbody tr').count(), 2, 'both tickets of Ada wait');
    await page.selectOption('select[name=filter]', '');
    await page.fill('input[name=q]', 'grace@example.org');
    await page.keyboard.press('Enter');
    await page.getByText('1 ticket matches.').waitFor();
    await page.locator('.people tbody th a').click();
    await page.waitForURL(/\/attendees\/\d+\/$/);
    await page.getByText('Nuts').waitFor();
    await accessible(page, /Ada Lovelace/, 40);
    await picture(page, 'manage-attendee');
    await page.getByRole('button', {name: 'Mail the ticket’s link again'}).click();
    await page.locator('.alert-success', {hasText: 'The link of the ticket is on its way.'}).waitFor();
    assert.match(page.url(), /\/attendees\/\d+\/$/);
    const file = await page.request.get(`${server.url}${people}export/`);
    assert.match(await file.text(), /What do you eat\?[\s\S]*Something else/);
  });
});

test('buyers of tickets that nobody is named for are reminded, once', async () => {
  await withPage(browser, {...narrow, javaScriptEnabled: false}, async page => {
    await signIn(page, `${people}?filter=unnamed`);
    await page.getByRole('link', {name: 'Remind their buyers'}).click();
    await page.waitForURL(/\/remind\/$/);
    await fitsSideways(page);
    await picture(page, 'manage-remind');
    await page.getByRole('link', {name: 'What the mail says'}).click();
    await page.waitForURL(/\/names_missing\/\?language=en$/);
    await page.goBack();
    await page.getByRole('button', {name: 'Remind one buyer'}).click();
    await page.locator('.alert-success', {hasText: 'The reminder to 1 buyer is on its way.'}).waitFor();
  });
  await withPage(browser, desktop, async page => {
    await signIn(page, `${people}remind/`);
    await accessible(page, /Remind buyers/, 10);
    await page.getByText('There is nobody to remind now.').waitFor();
  });
});

test('on 320 pixels everything fits, in the dark too', async () => {
  await withPage(browser, {...narrow, colorScheme: 'dark', timezoneId: 'America/New_York'}, async page => {
    const look = async (heading, name) => {
      await fitsSideways(page);
      await accessible(page, heading, 12);
      await picture(page, `${name}-320-dark`);
    };
    await signIn(page, people);
    await look(/Attendees/, 'manage-attendees');
    await page.locator('.people tbody th a').first().click();
    await page.waitForURL(/\/attendees\/\d+\/$/);
    await look(/./, 'manage-attendee');
    await page.goto(`${server.url}${orders}?q=ada%40example.org`);
    await page.locator('.orders tbody th a').first().click();
    await page.waitForURL(/\/orders\/\d+\/$/);
    await page.getByRole('link', {name: 'Change the lines'}).click();
    await page.waitForURL(/\/lines\/$/);
    await look(/Change the lines/, 'manage-lines');
    await page.locator('input[name^=back-]').first().fill('1');
    await page.getByRole('button', {name: 'See what would change'}).last().click();
    await page.getByText('Tickets that are no longer valid').waitFor();
    await look(/Make this change/, 'manage-lines-review');
  });
});
