// Prices in a real browser: a voucher that unlocks a hidden ticket, a discount and why it is given or refused, sizes, a
// price of one's own, a company that owes the tax itself. With and without JavaScript, on a desk and in the hand; every
// page is looked at by axe, and a picture of it is kept.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {accessible, addShirt, addTicket, billingButton, desktop, fillBilling, fitsSideways, narrow, orderButton, pay, phone,
  withPage} from './buyer.mjs';
import {mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
let server, browser;
before(async () => {
  server = await startServer({conference: join(here, 'selling.toml'), sql: join(here, 'selling.sql')});
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

const words = page => page.locator('main').innerText();
// The browser that tests the page without JavaScript has none to run axe with.
const looks = (page, name, scripts) => async (step, heading) => {
  if (scripts) await accessible(page, heading);
  else assert.match(await page.locator('h1').first().innerText(), heading);
  if (scripts) await fitsSideways(page);
  await picture(page, `selling-${step}-${name}`);
};
const applyVoucher = async (page, code) => {
  await page.fill('input[name=voucher_code]', code);
  await page.locator('form:has(input[name=voucher_code]) button').click();
  await page.locator('.voucher .applied').waitFor();
};

for (const [name, options] of [['desktop', desktop], ['phone', phone], ['dark', {...narrow, colorScheme: 'dark'}],
  ['plain', {...desktop, javaScriptEnabled: false}]]) {
  const scripts = options.javaScriptEnabled !== false;

  test(`a voucher unlocks a ticket, a discount says why, a shirt has a size: ${name}`, async () => {
    await withPage(browser, options, async page => {
      const look = looks(page, name, scripts);
      await page.goto(server.shop);
      await look('tickets', /ticket/i);
      assert.match(await words(page), /Individual[\s\S]*\$100\.00[\s\S]*\$80\.00[\s\S]*incl\. 19 % VAT[\s\S]*Early bird/);
      assert.doesNotMatch(await words(page), /Student/);
      await applyVoucher(page, 'campus');
      assert.match(await words(page), /Student/);
      await look('unlocked', /ticket/i);

      await page.locator('form:has(input[name=ticket_type][value=student]) button').click();
      await page.waitForURL(/\/cart\//);
      await page.goto(server.shop);
      await addTicket(page).click();
      await page.waitForURL(/\/cart\//);
      await addShirt(page, '3XL');
      const how = page.locator('details.how').nth(1);
      await how.locator('summary').click();
      await look('cart', /cart/i);
      const text = await words(page);
      assert.match(text, /Early bird: -\$20\.00/);
      assert.match(text, /Voucher CAMPUS: -\$8\.00/);
      assert.match(await how.innerText(), /Early bird: \$20\.00 less\.[\s\S]*Voucher CAMPUS: \$8\.00 less\./);
      assert.match(text, /Plus 7 % VAT/);
      assert.match(text, /Includes 19 % VAT/);
      // 22.50 and 72.00 with the tax in them; 27.00 for the shirt, and 1.89 on top.
      assert.match(text, /Total\s+\$123\.39/);

      await page.goto(`${server.shop}checkout/`);
      await look('checkout', /checkout/i);
      await fillBilling(page, `selling-${name}@example.com`);
      await billingButton(page).click();
      await orderButton(page).waitFor();
      await look('review', /review/i);
      assert.match(await orderButton(page).innerText(), /Order and pay \$123\.39/);
      await orderButton(page).click();
      await page.waitForURL(/\/pay\//);
      await pay(page);
      await page.waitForURL(/\/confirmation\//);
      await look('confirmation', /registered/i);
      await page.goto(page.url().replace('confirmation/', ''));
      await look('order', /order/i);
      assert.match(await words(page), /Voucher CAMPUS[\s\S]*Total\s+\$123\.39/);
      const mail = await mailTo(server, `selling-${name}@example.com`, /order/i);
      assert.match(mail.text, /Early bird: -\$20\.00/);
      assert.match(mail.text, /Total: \$123\.39/);
    });
  });

  test(`the link of a voucher brings it into the cart with the first ticket: ${name}`, async () => {
    await withPage(browser, options, async page => {
      const look = looks(page, name, scripts);
      await page.goto(`${server.shop}?voucher=campus`);
      assert.match(await words(page), /Your voucher campus comes into the cart/);
      assert.equal(await page.inputValue('#voucher_code'), 'campus');
      await look('linked', /ticket/i);
      await addTicket(page).click();
      await page.waitForURL(/\/cart\//);
      assert.match(await words(page), /The voucher CAMPUS is applied\./);
      assert.match(await words(page), /Voucher CAMPUS: -\$8\.00/);
      await look('linked-cart', /cart/i);
    });
  });

  test(`a company with a confirmed VAT number owes the tax itself, and changes its address later: ${name}`, async () => {
    await withPage(browser, options, async page => {
      const look = looks(page, `business-${name}`, scripts);
      await page.goto(server.shop);
      await page.locator('form:has(input[name=ticket_type][value=online]) button').click();
      await page.waitForURL(/\/cart\//);
      assert.match(await words(page), /\$119\.00/);
      await page.goto(`${server.shop}checkout/`);
      assert.equal(await page.locator('input[name=billing_vat_id]').isVisible(), false);
      await page.check('input[name=billing_is_business]');
      await page.locator('input[name=billing_vat_id]').waitFor();
      await fillBilling(page, `company-${name}@example.com`);
      await page.fill('input[name=billing_vat_id]', 'ATU 12345675');
      await billingButton(page).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      await look('faults', /checkout/i);  // company, street, city, country: all of it at once
      assert.ok(await page.locator('[aria-invalid=true]').count() >= 4);

      await page.fill('input[name=billing_company]', 'Analytical Engines GmbH');
      await page.fill('input[name=billing_street]', 'Ring 5');
      await page.fill('input[name=billing_postcode]', '1010');
      await page.fill('input[name=billing_city]', 'Vienna');
      await page.selectOption('select[name=billing_country]', 'AT');
      await page.fill('input[name=billing_reference]', 'PO 77');
      await look('form', /checkout/i);
      await billingButton(page).click();
      await orderButton(page).waitFor();
      await look('review', /review/i);
      assert.match(await words(page), /reverse charge[\s\S]*-\$19\.00[\s\S]*Total\s+\$100\.00[\s\S]*Austria/);
      assert.match(await orderButton(page).innerText(), /Order and pay \$100\.00/);
      await orderButton(page).click();
      await page.waitForURL(/\/pay\//);
      await page.goto(page.url().replace('pay/', ''));
      await look('order', /order/i);
      await page.locator('a[href$="/billing/"]').click();
      await page.waitForURL(/\/billing\//);
      await look('billing', /billing/i);
      await page.fill('input[name=billing_street]', 'Ring 7');
      await page.locator('main form:has(input[name=billing_street]) button').click();
      await page.waitForURL(url => !url.pathname.endsWith('/billing/'));
      assert.match(await words(page), /Ring 7/);
    });
  });
}

test('a price of one\'s own has a least, and what is refused is said', async () => {
  await withPage(browser, desktop, async page => {
    await page.goto(server.shop);
    const form = page.locator('form:has(input[name=ticket_type][value=supporter])');
    await form.locator('input[name=price]').fill('10');
    await form.locator('button').click();
    await page.getByText('the least is $110.00').first().waitFor();
    await form.locator('input[name=price]').fill('120');
    await form.locator('button').click();
    await page.waitForURL(/\/cart\//);
    assert.match(await words(page), /\$120\.00/);
  });
});
