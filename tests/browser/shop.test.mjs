// People buy in a real browser: as a guest and as a member, with and without JavaScript, on a phone, at 320 pixels, in
// the dark, in German, by a screen reader's tree. Every page is looked at by axe, and a picture of it is kept.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {accessible, addTicket, billingButton, buy, desktop, fillBilling, fitsSideways, narrow, orderButton, pay, phone, sameTree,
  toReview, withPage} from './buyer.mjs';
import {linkIn, mailTo} from './mailbox.mjs';
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

const password = 'a walk by the river';

async function signUp(page, email, name = 'Grace Hopper') {
  await page.goto(`${server.url}/accounts/signup/`);
  await page.fill('input[name=name]', name);
  await page.fill('input[name=email]', email);
  await page.fill('input[name=password]', password);
  await page.locator('main form:has(input[name=password]) button').last().click();
  await page.waitForURL(/mail-sent/);
  await page.goto(linkIn(await mailTo(server, email, /confirm|address|verify|activate/i), '/accounts/verify/'));
  await page.locator('main form button').first().click();
  await page.getByText('Your address is confirmed. Welcome!').first().waitFor();
}

test('every page of a purchase: its tree, axe, a picture, nothing wider than the screen', async () => {
  for (const [name, options] of [['desktop', desktop], ['desktop-dark', {...desktop, colorScheme: 'dark'}], ['phone', phone],
    ['narrow', narrow]]) {
    await withPage(browser, options, async page => {
      const look = async (step, heading, elements) => {
        await accessible(page, heading, elements);
        await fitsSideways(page);
        await picture(page, `${step}-${name}`);
        if (name === 'desktop') await sameTree(page, step);
      };
      await page.goto(`${server.url}/plenary-demo/`);
      await look('home', /Plenary Demo/);
      await page.goto(server.shop);
      await look('tickets', /ticket/i);
      await addTicket(page).click();
      await page.waitForURL(/\/register\/cart\//);
      await look('cart', /cart/i);
      await page.goto(`${server.shop}checkout/`);
      await look('checkout', /checkout|details/i);
      await page.evaluate(() => document.querySelectorAll('form').forEach(form => form.noValidate = true));
      await fillBilling(page, 'no address');
      await billingButton(page).click();
      await page.locator('[aria-invalid=true]').first().waitFor();
      await look('checkout-error', /checkout|details/i);
      await fillBilling(page, `guest-${name}@example.com`);
      await billingButton(page).click();
      await orderButton(page).waitFor();  // the address is that of the form with its mistakes already
      await look('review', /review/i);
      await orderButton(page).click();
      await page.waitForURL(/\/pay\//);
      await look('pay', /pay/i);
      await pay(page);
      await page.waitForURL(/\/confirmation\//);
      await look('confirmation', /\S/);
      await page.goto(page.url().replace('confirmation/', ''));
      await look('order', /ORD-|order/i);
    });
  }
});

test('pages around the shop are as good: accounts, legal texts, accessibility, errors', async () => {
  for (const [name, options] of [['desktop', desktop], ['phone-dark', {...phone, colorScheme: 'dark'}], ['narrow', narrow]]) {
    await withPage(browser, options, async page => {
      const pages = [['sign-in', '/accounts/login/'], ['sign-up', '/accounts/signup/'], ['forgot', '/accounts/password/forgot/'],
        ['find-order', '/plenary-demo/register/find-order/'], ['accessibility', '/accessibility/'],
        ['cart-empty', '/plenary-demo/register/cart/'], ['not-found', '/plenary-demo/nowhere/']];
      for (const [step, path] of pages) {
        await page.goto(server.url + path);
        await accessible(page, /\S/, 2);
        await fitsSideways(page);
        await picture(page, `${step}-${name}`);
      }
      await page.goto(`${server.url}/plenary-demo/`);
      const legal = await page.locator('footer a[href*="/legal/"]').evaluateAll(links => links.map(link => link.href));
      for (const link of legal) {
        await page.goto(link);
        await accessible(page, /\S/, 2);
      }
      assert.ok(legal.length > 0, 'the example conference has legal texts');
      await picture(page, `legal-${name}`);
    });
  }
});

for (const javaScriptEnabled of [true, false]) {
  test(`a member buys, ${javaScriptEnabled ? 'with' : 'without'} JavaScript, and finds the order in the account`, async () => {
    await withPage(browser, {...phone, javaScriptEnabled}, async page => {
      const email = `member-${javaScriptEnabled}@example.com`;
      await signUp(page, email);
      await buy(page, server.shop, email);
      const [reference] = (await page.locator('main').innerText()).match(/ORD-[A-Z0-9]{8}/);
      await page.goto(`${server.shop}orders/`);
      assert.match(await page.locator('main').innerText(), new RegExp(reference));
      if (javaScriptEnabled) await accessible(page, /\S/);
      await picture(page, `own-orders-${javaScriptEnabled}`);
      const mail = await mailTo(server, email, new RegExp(reference));
      assert.match(mail.html, new RegExp(reference));
      await page.goto(`${server.url}/accounts/`);
      await picture(page, `account-${javaScriptEnabled}`);
      if (javaScriptEnabled) await accessible(page, /\S/);
      await page.goto(`${server.url}/accounts/sessions/`);
      await picture(page, `sessions-${javaScriptEnabled}`);
      if (javaScriptEnabled) await accessible(page, /\S/);
    });
  });
}

test('signing in with a cart takes the cart along', async () => {
  await withPage(browser, {}, async page => {
    await signUp(page, 'merge@example.com');
  });
  await withPage(browser, {}, async page => {
    await page.goto(server.shop);
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.url}/accounts/login/?next=/plenary-demo/register/cart/`);
    await page.fill('input[name=username]', 'merge@example.com');
    await page.fill('input[name=password]', password);
    await page.press('input[name=password]', 'Enter');
    await page.waitForURL(url => url.pathname.endsWith('/register/cart/'));
    assert.match(await page.locator('main').innerText(), /Individual[\s\S]*\$100\.00/);
  });
});

test('a forgotten password is set anew by a mailed link, which works once', async () => {
  await withPage(browser, {}, async page => {
    await signUp(page, 'forgot@example.com');
  });
  await withPage(browser, {}, async page => {
    await page.goto(`${server.url}/accounts/password/forgot/`);
    await page.fill('input[name=email]', 'forgot@example.com');
    await page.press('input[name=email]', 'Enter');
    await page.waitForURL(/mail-sent/);
    const link = linkIn(await mailTo(server, 'forgot@example.com', /password/i), '/password/reset/');
    await page.goto(link);
    await accessible(page, /\S/);
    await page.fill('input[name=password]', 'another walk by the river');
    await page.press('input[name=password]', 'Enter');
    await page.waitForURL(/\/accounts\/$|plenary-demo/);
    await page.goto(link);
    assert.match(await page.locator('main').innerText(), /used|expired|no longer/i);
  });
});

test('a guest names attendees by link; the holder sees the ticket as page, PDF and calendar file', async () => {
  await withPage(browser, {...desktop, acceptDownloads: true}, async page => {
    await page.goto(server.shop);
    await page.locator('form:has(input[value=individual]) input[name=quantity]').fill('2');
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, 'team@example.com');
    await billingButton(page).click();
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await pay(page);
    await page.waitForURL(/\/confirmation\//);
    await page.goto(page.url().replace('confirmation/', ''));
    await picture(page, 'order-two-seats');
    const seats = await page.locator('main a[href*="/seats/"]').evaluateAll(links => [...new Set(links.map(link => link.href))]);
    const second = seats.filter(link => /\/seats\/\d+\/$/.test(link)).at(-1);
    assert.ok(second, `no seat page among ${seats}`);
    await page.goto(second);
    await accessible(page, /\S/);
    await picture(page, 'seat-of-buyer');
    await page.fill('input[name=name]', 'عائشة 愛子 Ångström');
    await page.fill('input[name=email]', 'holder@example.com');
    await page.press('input[name=email]', 'Enter');
    await page.getByText('The name was saved.').first().waitFor();
    await page.locator('main form:has(input[name=email]) button', {hasText: /send|mail/i}).first().click();
    await page.getByText('The link of this ticket is on its way to holder@example.com.').first().waitFor();
    const mail = await mailTo(server, 'holder@example.com');
    await page.context().clearCookies();
    await page.goto(linkIn(mail, '/seats/'));
    await accessible(page, /\S/);
    await fitsSideways(page);
    await picture(page, 'seat-of-holder');
    assert.match(await page.locator('main').innerText(), /عائشة 愛子 Ångström/);
    assert.doesNotMatch(await page.locator('main').innerText(), /team@example\.com/, 'the buyer stays unknown to holders');
    const seat = page.url();
    const pdf = await page.context().request.get(`${seat}ticket.pdf`);
    assert.equal(pdf.headers()['content-type'], 'application/pdf');
    assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
    assert.match(await (await page.context().request.get(`${seat}calendar.ics`)).text(), /^BEGIN:VCALENDAR\r\n/);
    await page.goto(`${seat}ticket/`);
    await accessible(page, /\S/, 4);
    await picture(page, 'ticket');
    await page.emulateMedia({media: 'print'});
    await picture(page, 'ticket-print');
  });
});

test('the whole purchase in German', async () => {
  await withPage(browser, {...phone, locale: 'de-DE'}, async page => {
    await page.goto(server.shop);
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await accessible(page, /Tickets/);
    await picture(page, 'tickets-german');
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    await accessible(page, /Warenkorb/);
    await picture(page, 'cart-german');
    await page.goto(`${server.shop}checkout/`);
    await fillBilling(page, 'deutsch@example.com');
    await billingButton(page).click();
    await page.waitForURL(/\/checkout\/review\//);
    await picture(page, 'review-german');
    assert.match(await orderButton(page).innerText(), /kostenpflichtig|zahlungspflichtig|bestellen/i);
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await pay(page);
    await page.waitForURL(/\/confirmation\//);
    await accessible(page, /\S/);
    await picture(page, 'confirmation-german');
    const mail = await mailTo(server, 'deutsch@example.com', /ORD-/);
    assert.match(mail.text, /Bestellung/);
    assert.doesNotMatch(mail.text, /\bYour order\b/);
    // Chosen by the person, whatever the browser asks for.
    await page.goto(server.shop);
    await page.locator('footer form button[value=en], footer form [value=en]').first().click();
    await page.locator('html[lang=en]').waitFor();
  });
});

test('longer texts are neither clipped nor push anything off the page', async () => {
  await withPage(browser, narrow, async (page, context) => {
    await context.addCookies([{name: 'language', value: 'en-XA', url: server.url}]);
    const look = async name => {
      await fitsSideways(page);
      const clipped = await page.evaluate(() => [...document.querySelectorAll('main *, header *, footer *')].filter(element => {
        const style = getComputedStyle(element);
        return element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && style.overflowX === 'hidden' &&
          !element.closest('.visually-hidden, .hidden') && style.position !== 'absolute';
      }).map(element => element.outerHTML.slice(0, 120)));
      assert.deepEqual(clipped, [], page.url());
      await picture(page, `pseudo-${name}`);
    };
    await page.goto(server.shop);
    assert.match(await page.locator('h1').innerText(), /\[.*\]/, 'the pseudo-locale is on');
    await look('tickets');
    await addTicket(page).click();
    await page.waitForURL(/\/register\/cart\//);
    // A ticket's name may be as long as it likes, also in the list of a select.
    await page.evaluate(() => document.querySelectorAll('select[name=ticket_type] option')
        .forEach(option => option.textContent = 'Donaudampfschifffahrtsgesellschaft '.repeat(5)));
    await look('cart');
    await page.goto(`${server.shop}checkout/`);
    await look('checkout');
    await fillBilling(page, 'pseudo@example.com');
    await billingButton(page).click();
    await page.waitForURL(/\/checkout\/review\//);
    await look('review');
    await orderButton(page).click();
    await page.waitForURL(/\/pay\//);
    await look('pay');
    await pay(page);
    await page.waitForURL(/\/confirmation\//);
    await look('confirmation');
    for (const path of ['/accounts/login/', '/accounts/signup/', '/accessibility/', '/plenary-demo/register/find-order/']) {
      await page.goto(server.url + path);
      await look(path.split('/').at(-2));
    }
  });
});

test('a guest finds lost orders by mail, the same answer for any address', async () => {
  await withPage(browser, {}, async page => {
    await buy(page, server.shop, 'lost@example.com');
    await page.context().clearCookies();
    const ask = async address => {
      await page.goto(`${server.shop}find-order/`);
      await page.fill('input[name=email]', address);
      await page.press('input[name=email]', 'Enter');
      await page.getByRole('heading', {name: 'Check your mail'}).waitFor();
      return (await page.locator('main').innerText()).replaceAll(address, '‹address›');
    };
    assert.equal(await ask('lost@example.com'), await ask('nobody@example.com'));
    const mail = await mailTo(server, 'lost@example.com', /orders?\b/i);
    await page.goto(linkIn(mail, '/orders/'));
    assert.match(await page.locator('main').innerText(), /ORD-[A-Z0-9]{8}/);
  });
});

test('at 400 % zoom and with forced colours everything is still there', async () => {
  await withPage(browser, {viewport: {width: 320, height: 256}, forcedColors: 'active', reducedMotion: 'reduce'}, async page => {
    await toReview(page, server.shop, 'zoom@example.com');
    await fitsSideways(page);
    await orderButton(page).scrollIntoViewIfNeeded();
    assert.ok(await orderButton(page).isVisible());
    await picture(page, 'review-forced-colors');
  });
});
