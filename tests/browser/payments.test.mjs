// Paying in a real browser, with a provider played on a port: a card that is declined and then accepted, 3-D Secure
// that ends in another browser, a debit that is answered late, bank transfer, a credit. The page's own content security
// policy holds throughout, every page passes axe, and a picture of each is kept.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {accessible, addTicket, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, phone,
  withPage} from './buyer.mjs';
import {mailTo} from './mailbox.mjs';
import {ahead, picture, startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url)), root = resolve(here, '../..');
const program = process.env.STRIPE_STAND_IN ?? join(root, 'build/test/tests/stripe_stand_in');
const password = 'seven green bicycles';
let stripe, server, browser, people = 0;

async function startStripe() {
  assert.ok(existsSync(program), `${program} is missing: build the target stripe_stand_in`);
  const child = spawn(program, [`--ahead=${ahead}`], {stdio: ['ignore', 'pipe', 'ignore']});
  const url = await new Promise((done, failed) => {
    let text = '';
    child.stdout.on('data', part => {
      text += part;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found) done(found[0]);
    });
    child.once('exit', code => failed(new Error(`stripe_stand_in ended with ${code}`)));
  });
  const control = async (path, fields = {}) => {
    const answer = await fetch(`${url}/control/${path}`, {method: 'POST', body: new URLSearchParams(fields)});
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  };
  return {url, control, stop: () => child.kill('SIGTERM')};
}

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  stripe = await startStripe();
  server = await startServer({
    sql: join(here, 'payments.sql'),
    settings: `[program]\ncurrency = "EUR"\n[program.stripe]\nsecret_key = "sk_test_standin0001"\n` +
        `publishable_key = "pk_test_standin0001"\nwebhook_secret = "whsec_standin0001"\napi_base = "${stripe.url}"\n`,
  });
  await stripe.control('webhook', {url: `${server.shop}webhooks/stripe/`});
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  const verdict = await server?.stop() ?? '';
  stripe?.stop();
  assert.match(verdict, /every count agrees/);
});

// With the policy that the server sends, which other tests go around for axe's sake.
const own = options => ({...options, bypassCSP: false});
const words = page => page.locator('main').innerText();
const look = async (page, name, heading) => {
  await accessible(page, heading);
  await fitsSideways(page);
  await picture(page, `payments-${name}`);
};

async function toPay(page, email = `payer-${++people}@example.com`) {
  await page.goto(server.shop);
  await addTicket(page).click();
  await page.waitForURL(/\/register\/cart\//);
  await page.goto(`${server.shop}checkout/`);
  await fillBilling(page, email);
  await billingButton(page).click();
  await page.waitForURL(/\/checkout\/review\//);
  await orderButton(page).click();
  await page.waitForURL(/\/pay\/$/);
  return email;
}

const frame = page => page.frameLocator('iframe[title="Secure payment input frame"]');
async function openForm(page) {
  await page.getByRole('button', {name: 'Pay by card'}).click();
  await frame(page).getByLabel('Card number').waitFor();
}
async function typeCard(page, number) {
  await frame(page).getByLabel('Card number').fill(number);
  await frame(page).getByLabel('Expiration date').fill('12 / 34');
  await frame(page).getByLabel('Security code').fill('123');
}
const payButton = page => page.getByRole('button', {name: /^Pay €/});

for (const [name, options] of [['desktop', desktop], ['phone', phone], ['dark', {...narrow, colorScheme: 'dark'}]]) {
  test(`a card is declined, and the next one accepted: ${name}`, async () => {
    await withPage(browser, own(options), async page => {
      const refused = [];
      page.on('console', message => {
        if (/Content Security Policy/.test(message.text())) refused.push(message.text());
      });
      await toPay(page);
      await page.locator('.test-mode').waitFor();
      await look(page, `ways-${name}`, /Payment/);
      await openForm(page);
      await typeCard(page, '4000 0000 0000 0002');
      await look(page, `card-${name}`, /Payment/);
      await payButton(page).click();
      await page.locator('[data-fault] .alert').waitFor();
      assert.match(await words(page), /not accepted, and nothing was charged\. Your order is kept/);
      await look(page, `declined-${name}`, /Payment/);
      await typeCard(page, '4242 4242 4242 4242');
      await payButton(page).click();
      await page.waitForURL(/\/confirmation\/$/, {timeout: 30_000});
      await look(page, `confirmed-${name}`, /registered/);
      await page.goto(page.url().replace('confirmation/', ''));
      assert.match(await words(page), /Succeeded/);
      await look(page, `order-${name}`, /order/i);
      assert.deepEqual(refused, [], 'the policy of the page to pay admits what is needed');
    });
  });
}

test('the bank asks, and answers in another browser that knows no session', async () => {
  await withPage(browser, own(desktop), async page => {
    await toPay(page);
    await openForm(page);
    await typeCard(page, '4000 0025 0000 3155');
    await payButton(page).click();
    await page.waitForURL(/\/3ds\//);
    const bank = page.url();
    await withPage(browser, own(phone), async other => {
      await other.goto(bank);
      await other.getByRole('button', {name: 'Approve'}).click();
      await other.waitForURL(/\/(pay\/return|confirmation)\//);
      assert.doesNotMatch(other.url(), /client_secret/, 'no secret stays in the address');
      await other.waitForURL(/\/confirmation\/$/, {timeout: 30_000});
      await look(other, '3ds-elsewhere', /registered/);
    });
  });
});

test('the bank is refused: the order stays and can be paid again', async () => {
  await withPage(browser, own(desktop), async page => {
    await toPay(page);
    await openForm(page);
    await typeCard(page, '4000 0025 0000 3155');
    await payButton(page).click();
    await page.getByRole('button', {name: 'Refuse'}).click();
    await page.getByRole('heading', {name: 'The payment did not go through'}).waitFor({timeout: 30_000});
    await look(page, '3ds-refused', /did not go through/);
    await page.getByRole('link', {name: 'Try again'}).click();
    await page.waitForURL(/\/pay\/$/);
    await openForm(page);
    await typeCard(page, '4242 4242 4242 4242');
    await payButton(page).click();
    await page.waitForURL(/\/confirmation\/$/, {timeout: 30_000});
  });
});

test('a debit is answered late: processing, by reload without a script too, then paid', async () => {
  await withPage(browser, own(narrow), async page => {
    await toPay(page);
    await openForm(page);
    await frame(page).getByLabel('Payment method').selectOption('sepa_debit');
    await frame(page).getByLabel('IBAN').fill('DE89370400440532013000');
    await payButton(page).click();
    await page.waitForURL(/\/pay\/return\//);
    await page.getByRole('heading', {name: /being processed/}).waitFor();
    await look(page, 'processing', /being processed/);
    const intent = new URL(page.url()).searchParams.get('payment_intent');
    await withPage(browser, {...desktop, javaScriptEnabled: false}, async plain => {
      await plain.goto(page.url());
      assert.match(await words(plain), /has not arrived yet/);
      await stripe.control('finish', {intent, success: 1});
      for (let i = 0; !/\/confirmation\/$/.test(plain.url()); ++i) {
        assert.ok(i < 100, 'the payment was not settled');
        await new Promise(next => setTimeout(next, 200));
        await Promise.all([plain.waitForEvent('load'), plain.getByRole('link', {name: 'Look again'}).click()]);
      }
    });
    await page.waitForURL(/\/confirmation\/$/, {timeout: 40_000});
  });
});

test('the provider is down: a sentence, and the other way stays open', async () => {
  await withPage(browser, own(desktop), async page => {
    await toPay(page);
    await stripe.control('fault', {path: '/v1/', times: 50, status: 503});
    await page.getByRole('button', {name: 'Pay by card'}).click();
    await page.locator('[data-fault] .alert').waitFor({timeout: 60_000});
    await look(page, 'provider-down', /Payment/);
    assert.match(await words(page), /Pay by bank transfer/);
    await stripe.control('clear');
  });
});

for (const [name, options] of [['desktop', desktop], ['dark', {...narrow, colorScheme: 'dark'}],
  ['plain', {...desktop, javaScriptEnabled: false}]]) {
  test(`bank transfer is chosen: the account, its code, and a term of days: ${name}`, async () => {
    const scripts = options.javaScriptEnabled !== false;
    await withPage(browser, scripts ? own(options) : options, async page => {
      const email = await toPay(page);
      if (!scripts) assert.match(await words(page), /Paying by card needs JavaScript/);
      await page.getByRole('button', {name: 'Pay by bank transfer'}).click();
      await page.locator('.transfer').waitFor();
      const text = await words(page);
      assert.match(text, /DE89 3704 0044 0532 0130 00[\s\S]*COBADEFFXXX/);
      assert.match(text, /kept for you until/);
      assert.equal(await page.locator('.pay-code svg').count(), 1);
      if (scripts) await look(page, `transfer-${name}`, /Payment/);
      await page.getByRole('link', {name: 'Your order'}).click();
      await page.getByText('We wait for your transfer').first().waitFor();
      if (scripts) await look(page, `transfer-order-${name}`, /order/i);
      const mail = await mailTo(server, email, /./);
      assert.match(mail.text, /DE89/);
    });
  });
}

test('a credit pays a part, and is listed among one\'s own', async () => {
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 5000', join(server.folder, 'plenary.db')], {input: `
    INSERT INTO credit (conference_id, user_id, amount, remaining_amount, currency, created_at, updated_at)
      SELECT c.id, u.id, 4000, 4000, 'EUR', c.created_at, c.created_at FROM conference c, user_account u
      WHERE c.slug = 'plenary-demo' AND u.username = 'root';
    INSERT INTO ledger_entry (conference_id, debit, credit, amount, currency, kind, credit_id, created_at)
      SELECT conference_id, 'goodwill', 'credits', amount, currency, 'credit', id, created_at FROM credit;`});
  await withPage(browser, own(phone), async page => {
    await page.goto(`${server.url}/accounts/login/`);
    await page.fill('input[name=username]', 'root');
    await page.fill('input[name=password]', password);
    await page.locator('main form button').first().click();
    await page.waitForURL(url => !url.pathname.endsWith('/login/'));
    await toPay(page, 'root@example.org');
    await look(page, 'credit-offered', /Payment/);
    await page.getByRole('button', {name: 'Use €40.00 of your credit'}).click();
    await page.getByText('Your credit was used. Please pay the rest.').first().waitFor();
    await look(page, 'credit-used', /Payment/);
    await openForm(page);
    assert.match(await payButton(page).innerText(), /Pay €60\.00/);
    await typeCard(page, '4242 4242 4242 4242');
    await payButton(page).click();
    await page.waitForURL(/\/confirmation\/$/, {timeout: 30_000});
    await page.goto(`${server.shop}credits/`);
    await look(page, 'credits', /credits/i);
    assert.match(await words(page), /Spent[\s\S]*€40\.00[\s\S]*€0\.00/);
  });
});

test('a dispute is told to staff on the order, with its day, and what is held back stays', async () => {
  let reference;
  await withPage(browser, own(desktop), async page => {
    await toPay(page, 'disputed@example.com');
    await openForm(page);
    await typeCard(page, '4242 4242 4242 4242');
    await payButton(page).click();
    await page.waitForURL(/\/confirmation\/$/, {timeout: 30_000});
    reference = /orders\/([^/]+)\//.exec(page.url())[1];
  });
  const {intents} = await (await fetch(`${stripe.url}/control/state`)).json();
  const {id: intent} = intents.find(each => each.metadata.reference === reference);
  await stripe.control('dispute', {intent, reason: 'product_not_received'});
  await withPage(browser, desktop, async page => {
    await page.goto(`${server.url}/accounts/login/?next=${encodeURIComponent('/manage/plenary-demo/orders/')}`);
    await page.fill('input[name=username]', 'root');
    await page.fill('input[name=password]', password);
    await page.locator('main form button').first().click();
    await page.waitForURL(/\/orders\/$/);
    await page.fill('input[name=q]', reference);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/orders\/\d+\/$/);
    // Stripe's news may be a moment behind.
    for (let looks = 0; looks < 40 && !/dispute/i.test(await words(page)); looks += 1) {
      await page.waitForTimeout(250);
      await page.reload();
    }
    await look(page, 'dispute', new RegExp(reference));
    assert.match(await words(page), /dispute/i);
  });
});
