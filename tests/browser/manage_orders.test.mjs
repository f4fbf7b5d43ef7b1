// Orders for organisers: finding one, money by hand, money going back in parts, a sale at the desk by keyboard alone. On
// a phone, a tablet, a desk's screen, in light and dark. Every page passes axe.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {accessible, addTicket, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, withPage} from './buyer.mjs';
import {mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const password = 'seven green bicycles';
const tablet = {viewport: {width: 768, height: 1024}, hasTouch: true, timezoneId: 'America/New_York'};
let server, browser, pendingReference, paidReference;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer();
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
  pendingReference = await buy('grace@example.org', 'Grace Hopper', false);
  paidReference = await buy('ada@example.org', 'Ada Lovelace', true);
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

async function buy(email, name, pays) {
  let reference;
  await withPage(browser, desktop, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, email, name);
    await billingButton(page).click();
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    reference = /ORD-[A-Z0-9]{8}/.exec(page.url())[0];
    if (!pays) return;
    await page.fill('input[name=card_number]', '4242 4242 4242 4242');
    await page.fill('input[name=card_expiry]', '12/39');
    await page.fill('input[name=card_cvc]', '123');
    await page.locator('main form:has(input[name=card_number]) button').last().click();
    await page.waitForURL(url => !url.pathname.endsWith('/pay/'));
  });
  return reference;
}

const manage = (path = '') => `${server.url}/manage/plenary-demo/${path}`;

async function signIn(page) {
  await page.goto(`${server.url}/accounts/login/?next=%2Fmanage%2Fplenary-demo%2Forders%2F`);
  await page.locator('input[name=username]').fill('root');
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button').first().click();
  await page.waitForURL(/\/orders\/$/);
}

async function open(page, reference) {
  await page.goto(manage('orders/'));
  await page.fill('input[name=q]', reference);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/orders\/\d+\/$/);
}

test('an order is found by name, and by its number at once; sections of the side bar stay folded', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await accessible(page, /Orders/, 30);
    await picture(page, 'manage-orders');
    await page.fill('input[name=q]', 'hopper');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=hopper/);
    await page.getByRole('link', {name: pendingReference}).waitFor();
    assert.equal(await page.getByRole('link', {name: paidReference}).count(), 0);
    await page.fill('input[name=q]', 'nobody at all');
    await page.keyboard.press('Enter');
    await page.getByText('No order matches this.').first().waitFor();
    await accessible(page, /Orders/, 20);

    const sponsors = page.locator('.manage-side summary', {hasText: 'Sponsors'});
    await sponsors.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => Object.values(localStorage).includes('closed'));  // it is kept when the fold has moved
    await page.reload();
    assert.equal(await page.locator('.manage-side details:has(> summary:has-text("Sponsors"))').getAttribute('open'), null);
    assert.notEqual(await page.locator('.manage-side details:has(a[aria-current=page])').getAttribute('open'), null);

    await open(page, paidReference);
    await accessible(page, new RegExp(paidReference), 60);
    await picture(page, 'manage-order');
  });
});

test('a payment by hand pays an order', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await open(page, pendingReference);
    await page.getByRole('link', {name: 'Record a payment'}).click();
    await page.waitForURL(/\/orders\/\d+\/pay/);
    await accessible(page, /Record a payment/, 15);
    const due = await page.inputValue('input[name=amount]');
    await page.fill('input[name=amount]', '100000');
    await page.fill('input[name=reference]', 'Transfer 17');
    await page.getByRole('button', {name: 'Record the payment'}).click();
    await page.getByText('There is a problem').first().waitFor();
    assert.equal(await page.inputValue('input[name=reference]'), 'Transfer 17');
    await accessible(page, /Record a payment/, 15);
    await picture(page, 'manage-payment-refused');
    await page.fill('input[name=amount]', due);
    await page.getByRole('button', {name: 'Record the payment'}).click();
    await page.getByText(`order ${pendingReference} is paid`).first().waitFor();
    assert.match(await page.locator('h1').innerText(), /Paid/);
  });
});

test('money goes back in parts, after a look at what would happen', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await open(page, paidReference);
    await page.getByRole('link', {name: 'Send money back'}).click();
    await page.waitForURL(/\/refund\/$/);
    await accessible(page, /Send money back/, 20);
    await picture(page, 'manage-refund');
    await page.locator('input[name^=amount-]').first().fill('10.00');
    await page.fill('input[name=note]', 'Arrived late');
    await page.getByRole('button', {name: 'See what would happen'}).click();
    await page.getByText(/less afterwards/).first().waitFor();
    await accessible(page, /Send this back/, 12);
    await picture(page, 'manage-refund-review');
    await page.getByRole('button', {name: 'Change what you typed'}).click();
    await page.getByRole('button', {name: 'See what would happen'}).waitFor();
    assert.equal(await page.locator('input[name^=amount-]').first().inputValue(), '10.00');
    await page.getByRole('button', {name: 'See what would happen'}).click();
    await page.getByRole('button', {name: /^Send .* back$/}).click();
    await page.getByText(/goes back\./).first().waitFor();
    assert.match(await page.locator('h1').innerText(), /Partially refunded/);
    await accessible(page, new RegExp(paidReference), 60);
  });
});

test('buyers who were ticked get a mail after a preview, and their orders remember it', async () => {
  await withPage(browser, tablet, async page => {
    await signIn(page);
    await page.getByRole('checkbox', {name: `Choose ${pendingReference}`}).check();
    await page.getByRole('checkbox', {name: `Choose ${paidReference}`}).focus();
    await page.keyboard.press('Space');
    await picture(page, 'manage-orders-chosen');
    await page.getByRole('button', {name: 'Write to the chosen buyers'}).click();
    await page.getByText('To the buyers of 2 orders').waitFor();
    await accessible(page, /Mail to buyers/, 20);
    await page.fill('input[name=subject]', 'News about {{ order.reference }}');
    await page.fill('textarea[name=body]', 'Dear {{ recipient_name }},\n\nthe doors open at {{ order.nothing }}.');
    await page.getByRole('button', {name: 'Preview'}).click();
    await page.getByText(/there is no variable 'order.nothing'/).first().waitFor();
    await accessible(page, /Mail to buyers/, 20);
    await page.fill('textarea[name=body]', 'Dear {{ recipient_name }},\n\nthe doors open at eight.');
    await page.getByRole('button', {name: 'Preview'}).click();
    await page.frameLocator('iframe.mail-preview').getByText('the doors open at eight').waitFor();
    await picture(page, 'manage-mail-to-buyers');
    await page.getByRole('button', {name: 'Send it to 2 buyers'}).click();
    await page.getByText(/The mails to 2 buyers are on their way/).first().waitFor();
    const mail = await mailTo(server, 'ada@example.org', /^News about/);
    assert.equal(mail.subject, `News about ${paidReference}`);
    assert.match(mail.text, /Dear Ada Lovelace,/);
    await mailTo(server, 'grace@example.org', /^News about/);
    await open(page, paidReference);
    await page.getByText('mail: News about').first().waitFor();
  });
});

test('a sale at the desk needs no mouse', async () => {
  await withPage(browser, tablet, async page => {
    await signIn(page);
    await page.goto(manage('desk/'));
    await accessible(page, /Sell at the desk/, 25);
    await fitsSideways(page);
    for (const box of await page.locator('.desk input:not([type=hidden]), .desk select, .desk button').all()) {
      const {height} = await box.boundingBox();
      assert.ok(height >= 44, `${await box.getAttribute('name')} is ${height} pixels high`);
    }
    await picture(page, 'manage-desk-tablet');
    await page.keyboard.type('2');                    // the first product has the focus
    await page.keyboard.press('Enter');
    await page.locator('.desk-total').waitFor();
    const total = await page.locator('.desk-total').innerText();
    assert.match(total, /\d/);
    await accessible(page, /Sell at the desk/, 30);
    await picture(page, 'manage-desk-total');
    await page.keyboard.type('100000');               // the cash received has it now
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/desk\/\d+\/$/);
    await page.getByText(/Give back/).first().waitFor();
    await accessible(page, /Sold/, 8);
    await picture(page, 'manage-desk-sold');
    const file = await page.request.get(await page.getByRole('link', {name: 'Print tickets'}).getAttribute('href').then(href => server.url + href));
    assert.equal(file.headers()['content-type'], 'application/pdf');
    await page.keyboard.press('Enter');               // on to the next one
    await page.waitForURL(/\/desk\/$/);
  });
});

test('on 320 pixels there is a menu, and everything fits; dark is legible', async () => {
  await withPage(browser, {...narrow, colorScheme: 'dark', timezoneId: 'America/New_York'}, async page => {
    await signIn(page);
    await fitsSideways(page);
    await accessible(page, /Orders/, 20);
    await page.locator('.manage-menu > summary').click();
    await page.locator('.manage-menu').getByRole('link', {name: 'Sell at the desk'}).waitFor();
    await picture(page, 'manage-menu-320-dark');
    await page.locator('.manage-menu').getByRole('link', {name: 'Sell at the desk'}).click();
    await page.waitForURL(/\/desk\/$/);
    await fitsSideways(page);
    await accessible(page, /Sell at the desk/, 20);
    await open(page, paidReference);
    await fitsSideways(page);
    await accessible(page, new RegExp(paidReference), 60);
    await picture(page, 'manage-order-320-dark');
    for (const what of ['refund', 'cancel', 'buyer', 'address', 'link']) {
      const address = page.url();
      await page.goto(`${address}${what}/`);
      await fitsSideways(page);
      await accessible(page, /./, 8);
      await page.goto(address);
    }
  });
});
