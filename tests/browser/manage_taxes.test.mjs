// A company's VAT number that nobody could confirm when it was ordered: staff ask the service again, here a stand-in, and
// take the tax off. Its pages' trees, axe, pictures; on a desk, a phone and in the dark.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {accessible, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, pay, phone, sameTree,
  withPage} from './buyer.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const password = 'seven green bicycles';
let server, browser, service, answer;

before(async () => {
  service = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(answer ? 200 : 503, {'Content-Type': 'application/json'})
        .end(JSON.stringify(answer ?? {})));
  });
  await new Promise(done => service.listen(0, '127.0.0.1', done));
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer({
    conference: join(here, 'selling.toml'),
    settings: `[program.vies]\nurl = "http://127.0.0.1:${service.address().port}"`,
  });
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  service?.close();
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

// What the service said of a number counts for a day: each order has one of its own.
async function orderOfCompany(number) {
  answer = undefined;
  let reference;
  await withPage(browser, desktop, async page => {
    await page.goto(server.shop);
    await page.locator('form:has(input[name=ticket_type][value=online]) button').click();
    await page.waitForURL(/\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await page.check('input[name=billing_is_business]');
    await fillBilling(page, 'moteurs@example.com');
    await page.fill('input[name=billing_vat_id]', number);
    await page.fill('input[name=billing_company]', 'Motoren KG');
    await page.fill('input[name=billing_street]', 'Ring 5');
    await page.fill('input[name=billing_postcode]', '1010');
    await page.fill('input[name=billing_city]', 'Vienna');
    await page.selectOption('select[name=billing_country]', 'AT');
    await billingButton(page).click();
    await orderButton(page).waitFor();
    assert.match(await page.locator('main').innerText(), /could not be checked at the moment, so tax is charged/);
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    reference = /ORD-[A-Z0-9]{8}/.exec(page.url())[0];
    await pay(page);
    await page.waitForURL(/\/confirmation\//);
  });
  return reference;
}

for (const [name, number, options] of [['desktop', 'ATU12345675', desktop], ['phone', 'ATU12345676', phone],
  ['narrow-dark', 'ATU12345677', {...narrow, colorScheme: 'dark'}]]) {
  test(`a number that was not confirmed is asked about again, and the tax taken off: ${name}`, async () => {
    const reference = await orderOfCompany(number);
    await withPage(browser, options, async page => {
      const look = async (step, elements) => {
        await accessible(page, /Tax/, elements);
        await fitsSideways(page);
        await picture(page, `manage-taxes-${step}-${name}`);
        if (name === 'desktop') await sameTree(page, `manage-taxes-${step}`);
      };
      const ask = page.getByRole('button', {name: "Ask the EU's service"});
      await page.goto(`${server.url}/accounts/login/?next=%2Fmanage%2Fplenary-demo%2Forders%2F%3Fq%3D${reference}`);
      await page.locator('input[name=username]').fill('root');
      await page.locator('input[name=password]').fill(password);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/orders\/\d+\/$/);
      await page.getByRole('link', {name: 'Confirm it and take the tax off'}).click();
      await ask.waitFor();
      await look('not-asked', 4);

      answer = {valid: false};
      await ask.click();
      await page.getByText('The service does not know the number.').first().waitFor();
      await look('unknown', 8);

      answer = undefined;
      await ask.click();
      await page.getByText('The service gives no answer at the moment.').first().waitFor();
      // The summary has the focus: whoever listens hears it first.
      assert.equal(await page.evaluate(() => document.activeElement.classList.contains('faults')), true);
      await look('silent', 8);

      answer = {valid: true, name: 'MOTOREN KG', address: 'RING 5\n1010 WIEN', requestIdentifier: 'WAPIAAAAY1'};
      await ask.click();
      await page.getByText('The service confirms the number.').first().waitFor();
      const facts = await page.locator('main dl').innerText();
      assert.match(facts, /The order is billed to\s+Motoren KG\s+Ring 5[\s\S]*It belongs to\s+MOTOREN KG\s+RING 5/);
      await look('confirmed', 10);

      await page.getByRole('button', {name: /^Take .* of tax off$/}).focus();
      await page.keyboard.press('Enter');
      await page.getByText('The tax was taken off.').first().waitFor();
      await accessible(page, new RegExp(reference), 60);
      await picture(page, `manage-taxes-done-${name}`);
    });
  });
}
