// A purchase from the voucher to the cancellation and the waiting list by the keyboard alone, with and without JavaScript:
// whatever has the focus is seen and not covered, what comes next stands below, and what was refused has the focus.
import assert from 'node:assert/strict';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {desktop, withPage} from './buyer.mjs';
import {linkIn, mailTo} from './mailbox.mjs';
import {startBrowser, startServer} from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const conference = join(tmpdir(), `plenary-keyboard-${process.pid}.toml`);
let server, browser;
before(async () => {
  writeFileSync(conference, readFileSync(join(here, 'selling.toml'), 'utf8')
      .replace('event_country = "DE"', 'event_country = "DE"\ncurrency = "EUR"\nterms = "Be on time."\nself_change_until = 2027-05-01\n' +
          'self_cancel_until = 2027-04-30\ncancel_fee_percent = 5\ncancel_fee_amount = 10.00') + `
[[conference.tickets]]
name = "Workshop"
slug = "workshop"
price = 60.00
quantity = 1
waiting_list = true
`);
  server = await startServer({conference, sql: [join(here, 'selling.sql'), join(here, 'orders.sql')]});
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(conference, {force: true});
  assert.match(await server?.stop() ?? '', /every count agrees/);
});

const words = page => page.locator('main').innerText();

// What has the focus: whether one sees that, where it is, and whether it is what `selector` says.
const focused = (page, selector) => page.evaluate(selector => {
  const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const on = document.elementFromPoint(box.left + Math.min(box.width / 2, 100), box.top + box.height / 2);
  return {
    html: element.outerHTML.slice(0, 160),
    matches: element.matches(selector),
    isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    isSeen: [element, ...element.labels ?? []].some(one => one.contains(on) || on?.contains(one)),
    top: element.closest('main') && !element.closest('aside') ? box.top + scrollY : undefined,
  };
}, selector);

// Tab after Tab to the control, as a person does.
async function to(page, selector) {
  let top = 0;
  for (let presses = 0; presses < 80; ++presses) {
    await page.keyboard.press('Tab');
    const now = await focused(page, selector);
    if (now.html.startsWith('<body')) continue;
    assert.ok(now.isMarked, `nobody sees where the focus is: ${now.html}`);
    assert.ok(now.isSeen, `what has the focus is covered or outside: ${now.html}`);
    if (now.top !== undefined) {
      assert.ok(now.top > top - 60, `the focus jumps up on ${page.url()}: ${now.html}`);
      top = now.top;
    }
    if (now.matches) return;
  }
  assert.fail(`${selector} cannot be reached with the Tab key on ${page.url()}`);
}
async function typeInto(page, selector, text) {
  await to(page, selector);  // selects what stands there
  await page.keyboard.type(text);
}
async function press(page, selector, key = 'Enter') {
  await to(page, selector);
  await page.keyboard.press(key);
}
async function go(page, selector, where) {
  await press(page, selector);
  await page.waitForURL(where);
}
// What was refused has the focus.
async function refused(page, selector, text) {
  await page.locator(selector).filter({hasText: text}).waitFor();
  assert.ok((await focused(page, selector)).matches, `${selector} has no focus`);
}

async function pay(page) {
  await page.waitForURL(/\/pay\//);
  await typeInto(page, 'input[name=card_number]', '4242 4242 4242 4242');
  await typeInto(page, 'input[name=card_expiry]', '12/39');
  await typeInto(page, 'input[name=card_cvc]', '123');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/confirmation\//);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', email = `keys-${javaScriptEnabled}@example.com`;

  test(`from a voucher to the cancellation, ${how}`, async () => {
    await withPage(browser, {...desktop, javaScriptEnabled}, async page => {
      await page.goto(server.shop);
      await press(page, '.skip');
      await page.keyboard.press('Tab');
      assert.ok((await focused(page, 'main *')).matches, 'the first link leads to the content');
      await typeInto(page, '#voucher_code', 'nonsense');
      await page.keyboard.press('Enter');
      await refused(page, '.messages > [role=alert]', 'nonsense');
      await typeInto(page, '#voucher_code', 'campus');
      await page.keyboard.press('Enter');
      await page.locator('.voucher .applied').waitFor();
      await go(page, 'form:has(input[value=individual]) button', /\/cart\//);

      await press(page, 'input[name=variation]', 'ArrowDown');
      await press(page, 'form:has(input[value="t-shirt"]) button', 'Space');
      await page.locator('main .lines', {hasText: 'T-Shirt, M'}).waitFor();
      if (javaScriptEnabled) await refused(page, '.messages', 'added to your cart');
      await page.goto(page.url());
      await press(page, 'details.how summary', 'Space');
      assert.equal(await page.locator('details.how[open]').count(), 1);
      await go(page, 'a[href$="/register/checkout/"]', /\/checkout\//);

      await typeInto(page, 'input[name=billing_email]', 'nobody');
      await page.keyboard.press('Enter');
      await refused(page, '.faults', 'There is a problem');
      await press(page, '.faults a');
      assert.ok((await focused(page, 'input[name=billing_name]')).matches, 'the first problem leads to its field');
      await page.keyboard.type('Charles Babbage');
      await typeInto(page, 'input[name=billing_email]', email);
      await press(page, 'input[name=billing_is_business]', 'Space');
      await typeInto(page, 'input[name=billing_company]', 'Analytical Engines GmbH');
      await typeInto(page, 'input[name=billing_vat_id]', 'ATU 12345675');
      await typeInto(page, 'input[name=billing_street]', 'Ring 5');
      await typeInto(page, 'input[name=billing_city]', 'Vienna');
      await typeInto(page, 'select[name=billing_country]', 'Austria');
      await press(page, 'select[name^=answer_]', 'v');
      await go(page, 'form:has(input[name=billing_name]) .actions button', /\/review\//);

      await page.locator('input[name=consent_terms]').waitFor();
      assert.match(await words(page), /Analytical Engines GmbH[\s\S]*ATU12345675[\s\S]*Vegan/);
      await press(page, 'input[name=consent_terms]', 'Space');
      await press(page, 'form:has(input[name=shown_total]) .actions button');
      await pay(page);

      await go(page, 'main a[href*="/orders/"]', url => !url.pathname.includes('/confirmation/'));
      const order = page.url();
      await go(page, 'main a[href$="/change/"]', /\/change\//);
      await typeInto(page, 'input[name^=extra-]', '1');
      await page.keyboard.press('Enter');
      await refused(page, '#review', 'What changes');
      await press(page, 'form:has(input[value=confirm]) button');
      await pay(page);

      await page.goto(order);
      await go(page, 'main a[href$="/cancel/"]', /\/cancel\//);
      assert.match(await words(page), /€10\.00 are kept/);
      await press(page, 'main form button', 'Space');
      await page.waitForURL(order);
      assert.match(await words(page), /Refunded[\s\S]*Cancellation fee/);
    });
  });

  test(`Enter in a field of the checkout goes on, ${how}`, async () => {
    await withPage(browser, {...desktop, javaScriptEnabled}, async page => {
      await page.goto(server.shop);
      await go(page, 'form:has(input[value=individual]) button', /\/cart\//);
      await go(page, 'a[href$="/register/checkout/"]', /\/checkout\//);
      await typeInto(page, 'input[name=billing_name]', 'Ada Lovelace');
      await typeInto(page, 'input[name=billing_email]', email);
      await press(page, 'select[name^=answer_]', 'v');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/review\//);
      await press(page, 'input[name=consent_terms]', 'Space');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/pay\//);
    });
  });
}

test('the waiting list: joined, left, an offer taken, without JavaScript', async () => {
  const plain = {...desktop, javaScriptEnabled: false};
  await withPage(browser, desktop, async first => {
    await first.goto(server.shop);
    await first.locator('form:has(input[value=workshop]) button').click();
    await first.waitForURL(/\/cart\//);
    const join = async (page, email) => {
      await page.goto(server.shop);
      await go(page, 'a[href*="waiting-list"]', /waiting-list/);
      await typeInto(page, 'input[name=email]', 'nobody');
      await page.keyboard.press('Enter');
      await refused(page, '.faults', 'There is a problem');
      await typeInto(page, 'input[name=name]', 'Bob Example');
      await typeInto(page, 'input[name=email]', email);
      await page.keyboard.press('Enter');
      await page.waitForURL(/waiting-list\/\d+\//);
    };
    await withPage(browser, plain, async page => {
      await join(page, 'leaves@example.com');
      const joined = await mailTo(server, 'leaves@example.com', /waiting list/i);
      await page.goto(linkIn(joined, '/leave/'));
      await press(page, 'main form button');
      await page.getByText('You are no longer on the waiting list.').first().waitFor();
    });
    await withPage(browser, plain, async page => {
      await join(page, 'waits@example.com');
      await first.goto(`${server.shop}cart/`);
      await first.locator('form:has(input[value=remove_item]) button').first().click();
      await first.getByText('Your cart is empty').first().waitFor();
      server.passTime(20);  // the job looks every 15 seconds
      await page.goto(linkIn(await mailTo(server, 'waits@example.com', /yours/i), '/waiting-list/'));
      await go(page, 'main form button', /\/checkout\//);
      assert.equal(await page.inputValue('input[name=billing_name]'), 'Bob Example', 'nobody is asked twice');
      assert.equal(await page.inputValue('input[name=billing_email]'), 'waits@example.com');
      await page.goto(`${server.shop}cart/`);
      await press(page, 'form:has(input[value=remove_item]) button');
      await page.getByText('Your cart is empty').first().waitFor();
    });
  });
});
