// A person buys a ticket in a real browser: on a phone without JavaScript, with a card that is declined first; every page is
// looked at by axe.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {accessible, addTicket, withPage} from './buyer.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const phone = {viewport: {width: 375, height: 720}};
let server, browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  const verdict = await server?.stop();
  assert.match(verdict ?? '', /\S/);
});

async function toReview(page, email) {
  await page.goto(server.shop);
  await addTicket(page).click();
  await page.waitForURL(/\/register\/cart\//);
  await page.goto(`${server.shop}checkout/`);
  await page.fill('input[name=billing_name]', 'Ada Lovelace');
  await page.fill('input[name=billing_email]', email);
  await page.locator('main form:has(input[name=billing_name]) button').click();
  await page.waitForURL(/\/checkout\/review\//);
}
const orderButton = page => page.locator('main form:has(input[name=shown_total]) button');

async function pay(page, card) {
  await page.fill('input[name=card_number]', card);
  await page.fill('input[name=card_expiry]', '12/30');
  await page.fill('input[name=card_cvc]', '123');
  await page.press('input[name=card_cvc]', 'Enter');
}

test('a guest buys a ticket and a T-shirt on a phone without JavaScript', async () => {
  await withPage(browser, {...phone, javaScriptEnabled: false}, async page => {
    await page.goto(server.url);
    await page.goto(server.shop);
    await picture(page, 'tickets-phone');
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.locator('form:has(input[name=addon_slug][value=pycon-t-shirt]) button').click();
    await page.getByText('$125.00').first().waitFor();
    assert.match(await page.locator('main').innerText(), /\$125\.00/);
    await picture(page, 'cart-phone');
    await page.goto(`${server.shop}checkout/`);
    await page.fill('input[name=billing_name]', 'Ada Lovelace');
    await page.fill('input[name=billing_email]', 'phone@example.com');
    await page.locator('main form:has(input[name=billing_name]) button').click();
    await orderButton(page).waitFor();
    assert.match(await orderButton(page).innerText(), /Order and pay \$125\.00/);
    await picture(page, 'review-phone');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await picture(page, 'pay-phone');
    await pay(page, '4242 4242 4242 4242');
    await page.waitForURL(/\/confirmation\//);
    assert.match(await page.locator('main').innerText(), /ORD-[A-Z0-9]{8}/);
    await picture(page, 'confirmation-phone');
  });
});

test('every page of a purchase is accessible, on a desktop in light and in dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await withPage(browser, {colorScheme, viewport: {width: 1280, height: 900}}, async page => {
      await page.goto(`${server.url}/plenary-demo/`);
      await accessible(page, /\S/);
      await picture(page, `home-${colorScheme}`);
      await page.goto(server.shop);
      await accessible(page, /ticket/i);
      await picture(page, `tickets-${colorScheme}`);
      await page.goto(`${server.shop}cart/`);
      await accessible(page, /cart/i, 2);
      await page.goto(server.shop);
      await addTicket(page).click();
      await page.waitForURL(/\/register\/cart\//);
      await accessible(page, /cart/i);
      await picture(page, `cart-${colorScheme}`);
      await page.goto(`${server.shop}checkout/`);
      await accessible(page, /checkout|details|billing/i);
      await page.fill('input[name=billing_name]', 'Ada Lovelace');
      await page.fill('input[name=billing_email]', `desktop-${colorScheme}@example.com`);
      await page.locator('main form:has(input[name=billing_name]) button').click();
      await orderButton(page).waitFor();
      await accessible(page, /review/i);
      await picture(page, `review-${colorScheme}`);
      await orderButton(page).click();
      await page.waitForURL(/\/pay\//);
      await accessible(page, /pay/i);
      await picture(page, `pay-${colorScheme}`);
      await pay(page, '4242424242424242');
      await page.waitForURL(/\/confirmation\//);
      await accessible(page, /\S/);
      await picture(page, `confirmation-${colorScheme}`);
      const response = await page.goto(`${server.url}/plenary-demo/no-such-page/`);
      assert.equal(response.status(), 404);
      await accessible(page, /\S/, 2);
      await picture(page, `not-found-${colorScheme}`);
    });
  }
});

test('a mistake in the billing form is named, focused and keeps what was typed', async () => {
  await withPage(browser, {}, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await page.evaluate(() => document.querySelectorAll('form').forEach(form => form.noValidate = true));
    await page.fill('input[name=billing_name]', 'Grace <b>Hopper</b>');
    await page.fill('input[name=billing_email]', 'not an address');
    await page.locator('main form:has(input[name=billing_name]) button').click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    assert.match(await page.title(), /^Error:/);
    assert.equal(await page.inputValue('input[name=billing_name]'), 'Grace <b>Hopper</b>');
    assert.equal(await page.inputValue('input[name=billing_email]'), 'not an address');
    assert.equal(await page.getAttribute('input[name=billing_email]', 'aria-invalid'), 'true');
    const described = await page.getAttribute('input[name=billing_email]', 'aria-describedby');
    assert.match(await page.locator(`#${described.split(' ')[0]}`).innerText(), /name@example\./);
    await accessible(page, /\S/);
    await picture(page, 'checkout-error');
  });
});

test('a declined card keeps the order; another card pays it', async () => {
  await withPage(browser, {}, async page => {
    await toReview(page, 'declined@example.com');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await pay(page, '4000 0000 0000 0002');
    await page.getByText('The card was declined. Nothing was charged').first().waitFor();
    await accessible(page, /pay/i);
    await picture(page, 'pay-declined');
    await pay(page, '4242 4242 4242 4242');
    await page.waitForURL(/\/confirmation\//);
  });
});

test('a card that asks for authentication is approved on a page of its own', async () => {
  await withPage(browser, {}, async page => {
    await toReview(page, 'authenticated@example.com');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await pay(page, '4000 0025 0000 3155');
    await page.locator('button[value=approve]').waitFor();
    await accessible(page, /\S/);
    await picture(page, 'authentication');
    await page.locator('button[value=approve]').click();
    await page.waitForURL(/\/confirmation\//);
  });
});

test('a double click on the order button makes one order', async () => {
  await withPage(browser, {}, async page => {
    await toReview(page, 'double@example.com');
    // Both submits are under way at once, as a double click or an impatient retry sends them.
    const [first, second] = await page.evaluate(async () => {
      const form = document.querySelector('form:has(input[name=shown_total])');
      const submit = () => fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form))});
      const answers = await Promise.all([submit(), submit()]);
      return answers.map(answer => answer.url);
    });
    assert.match(first, /\/orders\/ORD-[A-Z0-9]{8}\/[^/]+\/pay\/$/);
    assert.equal(second, first, 'the second submit is shown the first one\'s order');
  });
});

test('nothing scrolls sideways at 320 pixels', async () => {
  await withPage(browser, {viewport: {width: 320, height: 640}}, async page => {
    const narrow = async () => {
      const [width, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(width <= seen, `${page.url()} is ${width} pixels wide`);
    };
    await page.goto(`${server.url}/plenary-demo/`);
    await narrow();
    await page.goto(server.shop);
    await narrow();
    await toReview(page, 'narrow@example.com');
    await narrow();
    await page.goto(`${server.shop}cart/`);
    await narrow();
    await page.goto(`${server.shop}checkout/`);
    await narrow();
  });
});

// The last one: the clock stays where it moves it to, because a time that goes back is no fact of a conference.
test('a cart that lapsed says so and takes its tickets again', async () => {
  await withPage(browser, {}, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    server.passTime(31 * 60);
    await page.goto(`${server.shop}cart/`);
    assert.match(await page.locator('main').innerText(), /no longer held|lapsed|expired/i);
    await accessible(page, /cart/i);
    await picture(page, 'cart-lapsed');
    await page.locator('form:has(input[name=action][value=renew]) button').click();
    await page.getByText(/no longer held|lapsed|expired/i).first().waitFor({state: 'detached'});
    assert.match(await page.locator('main').innerText(), /\$100\.00/, 'it is the cart still');
  });
});
