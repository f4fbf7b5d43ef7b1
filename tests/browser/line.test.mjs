// Buying on a bad line and in a hurry: the answer to every form is lost, on slow 3G; double clicks, back, reload, a cart
// that lapses while somebody types, a browser without cookies.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {accessible, addTicket, billingButton, fillBilling, fillCard, orderButton, phone, toReview, withPage} from './buyer.mjs';
import {startLossyLine} from './lossy_line.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

let server, browser;
before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

// What Chromium's own developer tools call slow 3G.
async function slow3g(page, context) {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions',
      {offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000});
}

// Presses the button; where the answer was lost, does what a person does: without JavaScript the page says that the
// line broke, and Reload sends the form again; with it the form is still there, to be sent again.
async function insist(page, press, arrived) {
  await press();
  for (let tries = 0; tries < 6; ++tries) {
    const reached = await page.waitForURL(arrived, {timeout: 5_000}).then(() => true, () => false);
    if (reached) return;
    if (page.url().startsWith('chrome-error:')) await page.reload().catch(() => {});
    else await press();
  }
  assert.fail(`never arrived at ${arrived}, but at ${page.url()}`);
}

async function buyOverALossyLine(javaScriptEnabled) {
  const line = await startLossyLine(server.url);
  const shop = `${line.url}/plenary-demo/register/`;
  try {
    await withPage(browser, {...phone, javaScriptEnabled}, async (page, context) => {
      await slow3g(page, context);
      page.setDefaultTimeout(60_000);
      await page.goto(shop);
      await insist(page, () => addTicket(page).click(), /\/register\/cart\//);
      assert.match(await page.locator('main').innerText(), /\$100\.00/, 'one ticket, although it was sent three times');
      await page.goto(`${shop}checkout/`);
      await fillBilling(page, `line-${javaScriptEnabled}@example.com`);
      await insist(page, () => billingButton(page).click(), /\/checkout\/review\//);
      assert.match(await page.locator('main').innerText(), /\$100\.00/);
      await insist(page, () => orderButton(page).click(), /\/orders\/ORD-[A-Z0-9]{8}\/[^/]+\/pay\//);
      const [reference] = page.url().match(/ORD-[A-Z0-9]{8}/);
      await fillCard(page);
      await insist(page, () => page.press('input[name=card_cvc]', 'Enter'), /\/confirmation\//);
      assert.match(await page.locator('main').innerText(), new RegExp(reference), 'the first order, and no other');
      await page.goto(page.url().replace('confirmation/', ''));
      const text = await page.locator('main').innerText();
      assert.equal(text.match(/\$100\.00/g).length >= 1, true);
      assert.doesNotMatch(text, /\$200\.00/, 'charged once');
      assert.ok(line.lost() >= 6, `only ${line.lost()} answers were lost`);
    });
  } finally {
    await line.stop();
  }
}

test('a purchase succeeds on slow 3G although every answer to a form is lost twice, without JavaScript',
    () => buyOverALossyLine(false));
test('the same with JavaScript', () => buyOverALossyLine(true));

test('an impatient double click on every button buys once', async () => {
  await withPage(browser, {}, async page => {
    await page.goto(server.shop);
    await addTicket(page).dblclick();
    await page.waitForURL(/\/register\/cart\//);
    await page.waitForLoadState('networkidle');
    assert.match(await page.locator('tfoot').innerText(), /\$100\.00/);
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, 'twice@example.com');
    await billingButton(page).dblclick();
    await page.waitForURL(/\/checkout\/review\//);
    await orderButton(page).dblclick();
    await page.waitForURL(/\/pay\//);
    await fillCard(page);
    await page.locator('main form:has(input[name=card_number]) button').dblclick();
    await page.waitForURL(/\/confirmation\//);
    await page.goto(page.url().replace('confirmation/', ''));
    const payments = await page.locator('main').innerText();
    assert.equal((payments.match(/succeeded/gi) ?? []).length, 1, 'one payment');
  });
});

test('whoever goes back after ordering is led to the order, not to a second one', async () => {
  await withPage(browser, {}, async page => {
    await toReview(page, server.shop, 'back@example.com');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    const [reference] = page.url().match(/ORD-[A-Z0-9]{8}/);
    await page.goto(`${server.shop}checkout/`);  // where Back leads: its cart has become an order
    await page.waitForURL(/\/register\/cart\//);
    await accessible(page, /cart/i, 4);
    assert.match(await page.locator('main').innerText(), new RegExp(reference));
    await picture(page, 'cart-after-order');
    await page.locator('main a[href*="/pay/"]').click();
    await page.waitForURL(new RegExp(`${reference}/[^/]+/pay/`));
    await page.reload();
    assert.match(page.url(), new RegExp(reference), 'a reload changes nothing');
  });
});

test('the answer to a form may be reloaded', async () => {
  await withPage(browser, {javaScriptEnabled: false}, async page => {
    await toReview(page, server.shop, 'reload@example.com');
    await page.reload();
    await page.waitForURL(/\/checkout\/review\//);
    assert.match(await page.locator('main').innerText(), /\$100\.00/);
    assert.equal(await page.locator('main').innerText().then(text => /Error/.test(text)), false);
  });
});

test('a browser without cookies is told so at the first add', async () => {
  await withPage(browser, {}, async (page, context) => {
    // Every cookie is thrown away as it comes.
    await page.route('**/*', async route => {
      const headers = {...route.request().headers()};
      delete headers.cookie;
      await route.fallback({headers});
    });
    await page.goto(server.shop);
    await context.clearCookies();
    await addTicket(page).click();
    await page.locator('main').getByText(/cookie/i).first().waitFor();
    await picture(page, 'no-cookies');
  });
});

// The last ones: the clock stays where they move it to.
test('a cart that lapses while somebody types the billing form loses neither the tickets nor what was typed', async () => {
  await withPage(browser, phone, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, 'slow@example.com', 'Zoë Slow');
    server.passTime(31 * 60);
    await billingButton(page).click();
    await page.waitForURL(/\/checkout\/review\//);
    const text = await page.locator('main').innerText();
    assert.match(text, /Zoë Slow/);
    assert.match(text, /slow@example\.com/);
    assert.match(text, /\$100\.00/, 'the ticket was still there and is held again');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
  });
});
