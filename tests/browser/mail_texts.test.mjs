// Organisers write a mail anew: a mistake told with its place, a preview, a test mail, an order that gets it, and back
// to the shipped text. By keyboard where it is one form; axe on every page, narrow and dark.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {accessible, desktop, fitsSideways, narrow, withPage} from './buyer.mjs';
import {mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const password = 'seven green bicycles', conference = 'plenary-demo';
let server, browser;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer({demo: true, settings: '[mail]\nsender_domains = ["fair.example"]'});
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

async function signIn(page) {
  await page.goto(`${server.url}/accounts/login/`);
  await page.locator('input[name=username]').fill('root');
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button').first().click();
  await page.waitForURL(url => !url.pathname.endsWith('/login/'));
}

const mails = () => `${server.url}/manage/${conference}/mails/`;
const editor = () => `${mails()}order_link/?language=en`;

test('a text is written anew: mistake, preview, test mail, saved, and back', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await page.goto(`${server.url}/manage/${conference}/`);
    await page.locator('.manage-side').getByRole('link', {name: 'Mail texts'}).click();
    await page.waitForURL(mails());
    await accessible(page, /Mail texts/, 30);
    await picture(page, 'mails-list');
    await page.getByRole('link', {name: /^English ?: Link to the order$/}).click();
    await page.waitForURL(/\/order_link\//);
    await accessible(page, /Link to the order/, 30);
    await picture(page, 'mail-editor');

    await page.locator('[name=subject]').fill('Your order {{ order.reference }} at the {{ conference.nam }}');
    await page.locator('[name=body]').fill('Hello!\n\n{% if order.url %}Here it is');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.locator('.faults').waitFor();
    await page.getByText("did you mean 'conference.name'?").first().waitFor();
    await page.getByText(/Line 3, column 1.*endif/).first().waitFor();
    await accessible(page, /Link to the order/, 30);
    await picture(page, 'mail-editor-errors');
    assert.match(await page.locator('[name=body]').inputValue(), /Here it is/);

    await page.locator('[name=subject]').fill('Your order {{ order.reference }}');
    await page.locator('[name=body]').fill('Hello {{ recipient_name }}!\n\n- bring a friend\n- bring a pen\n\n{% button order.url "To your order" %}');
    await page.getByRole('button', {name: 'Preview'}).click();
    const mail = page.frameLocator('iframe.mail-preview');
    await mail.locator('li', {hasText: 'bring a pen'}).waitFor();
    await mail.getByRole('link', {name: 'To your order'}).waitFor();
    assert.equal(await mail.locator('li').count(), 2);
    await picture(page.locator('iframe.mail-preview'), 'mail-preview');

    await page.getByRole('button', {name: 'Send a test to me'}).click();
    await page.getByText('on its way to root@example.org').first().waitFor();
    const test = await mailTo(server, 'root@example.org');
    assert.match(test.subject, /^\[Test\] Your order SAMPLE00/);
    assert.match(test.text, /bring a friend/);

    await page.getByRole('button', {name: 'Save', exact: true}).click();
    await page.locator('main').getByText('The text is saved').waitFor();
    await page.locator('details:has(#difference) summary').click();
    await accessible(page, /Link to the order/, 30);
    await picture(page, 'mail-saved');
    await page.goto(mails());
    assert.equal(await page.getByText('edited', {exact: true}).count(), 1);

    await page.goto(editor());
    await page.getByText('Back to the shipped text').click();
    await page.getByRole('button', {name: 'Use the shipped text again'}).click();
    await page.locator('main').getByText('The shipped text is back').waitFor();
    assert.match(await page.locator('[name=body]').inputValue(), /Here is the link to your order/);
  });
});

test('the preview keeps its looks and runs nothing under the policy of the page', async () => {
  await withPage(browser, {...desktop, bypassCSP: false}, async page => {
    const blocked = [];
    page.on('console', message => /Content Security Policy/.test(message.text()) && blocked.push(message.text()));
    await signIn(page);
    await page.goto(editor());
    const head = page.frameLocator('iframe.mail-preview').locator('table table td').first();
    await head.waitFor();
    assert.notEqual(await head.evaluate(cell => getComputedStyle(cell).backgroundColor), 'rgba(0, 0, 0, 0)');
    assert.deepEqual(blocked, []);
  });
});

test('the sender of a conference', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await page.goto(`${mails()}sender/`);
    await accessible(page, /Sender of mails/, 8);
    await page.locator('[name=name]').fill('The Fair');
    await page.locator('[name=email]').fill('tickets@elsewhere.example');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByText('from addresses of fair.example only').first().waitFor();
    await accessible(page, /Sender of mails/, 8);
    await picture(page, 'mail-sender-error');
    await page.locator('[name=email]').fill('tickets@fair.example');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByText('The Fair (tickets@fair.example)').first().waitFor();
  });
});

test('narrow and dark, and without scripts', async () => {
  await withPage(browser, {...narrow, colorScheme: 'dark'}, async page => {
    await signIn(page);
    for (const [address, name] of [[mails(), 'mails'], [editor(), 'editor'], [`${mails()}sender/`, 'sender']]) {
      await page.goto(address);
      await accessible(page, /./, 4);
      await fitsSideways(page);
      await picture(page, `mail-${name}-narrow-dark`);
    }
  });
  await withPage(browser, {...desktop, javaScriptEnabled: false}, async page => {
    await signIn(page);
    await page.goto(editor());
    await page.locator('[name=body]').fill('Without a script {% button order.url "Open" %}');
    await page.getByRole('button', {name: 'Preview'}).click();
    await page.locator('pre.mail-text', {hasText: 'Without a script'}).waitFor();
  });
});
