// A back office handed to volunteers: invited by mail, a second factor, a lost phone, a role that ends, the lock that
// keeps what was typed. On a server that asks everybody with a right for a second factor. Every page passes axe.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {after, before, test} from 'node:test';
import {accessible, desktop, fitsSideways, narrow, phone, withPage} from './buyer.mjs';
import {linkIn, mailTo} from './mailbox.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const password = 'seven green bicycles', conference = 'plenary-demo';
let server, browser, passed = 0;
const secrets = {};

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer({demo: true, settings: '[security]\nsecond_factor = "required"'});
  server.run('setup_groups');
  server.run('createsuperuser', '--no-input', '--username', 'root', '--email', 'root@example.org');
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

const pass = seconds => server.passTime(passed += seconds);

// RFC 6238: six digits, thirty seconds, SHA-1; in the server's time.
function code(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/[\s=]/g, '')].map(c => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(server.now() / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest(), at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function givePassword(page, name) {
  await page.goto(`${server.url}/accounts/login/`);
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('main form button').first().click();
  await page.waitForURL(url => !url.pathname.endsWith('/login/'));
}

async function signIn(page, name) {
  await givePassword(page, name);
  if (!secrets[name]) return;
  pass(30);  // a code counts once
  await page.locator('input[name=proof_code]').fill(code(secrets[name]));
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.waitForURL(url => !url.pathname.endsWith('/code/'));
}

// From the page that asks for it to the page with the recovery codes; gives those.
async function setUpFactor(page, name) {
  await accessible(page, /second factor/i, 10);
  await picture(page, `factor-${name}`);
  secrets[name] = await page.locator('code.key').innerText();
  pass(30);  // a code counts once
  await page.locator('input[name=code]').fill(code(secrets[name]));
  await page.getByRole('button', {name: 'Set up'}).click();
  await page.locator('.recovery-codes li').first().waitFor();
  await accessible(page, /recovery codes/i, 12);
  await picture(page, `recovery-codes-${name}`);
  const codes = await page.locator('.recovery-codes code').allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  await page.getByRole('link', {name: 'I have kept them'}).click();
  await page.waitForURL(url => !url.pathname.endsWith('/factor/'));
  return codes;
}

const team = () => `${server.url}/manage/${conference}/team/`;

test('who has a right sets up a second factor before anything of the back office opens', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page, 'root');
    await page.goto(`${server.url}/admin/`);
    assert.match(page.url(), /\/accounts\/security\/factor\//);
    await setUpFactor(page, 'root');
    await page.waitForURL(/\/admin\/$/);
    await page.goto(`${server.url}/manage/`);
    await accessible(page, /conference/i, 8);
    await page.goto(`${server.url}/manage/${conference}/`);
    await accessible(page, /Plenary/, 30);
    await picture(page, 'manage-dashboard');
  });
});

let codes;
test('a colleague is invited by mail, accepts, sets up a second factor, and sees what the role opens', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page, 'root');
    await page.goto(team());
    await accessible(page, /Team/, 30);
    await page.locator('textarea[name=emails]').fill('grace@example.org');
    await page.locator('select[name=group]').selectOption({label: 'Registration Manager'});
    await page.locator('textarea[name=message]').fill('Shall we do the desk together?');
    const day = new Date(server.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    await page.locator('main input[type=date]').fill(day);
    await page.getByRole('button', {name: 'Send invitations'}).click();
    await page.getByText('Invitations without an answer').first().waitFor();
    assert.equal(await page.getByRole('rowheader', {name: 'grace@example.org'}).count(), 1);
    await picture(page, 'team-invited');
  });
  const mail = await mailTo(server, 'grace@example.org');
  assert.match(mail.text, /Shall we do the desk together/);
  await withPage(browser, phone, async page => {
    await page.goto(linkIn(mail, '/invitation/'));
    await accessible(page, /Join the team/, 12);
    await fitsSideways(page);
    await picture(page, 'invitation-phone');
    await page.locator('main input[name=name]').fill('Grace Hopper');
    for (const field of await page.locator('main input[type=password]').all()) await field.fill(password);
    await page.getByRole('button', {name: /Make the account/}).click();
    await page.waitForURL(/\/accounts\/security\/factor\//);
    codes = await setUpFactor(page, 'grace@example.org');
    await page.waitForURL(new RegExp(`/manage/${conference}/$`));
    await accessible(page, /Plenary/, 12);
    await fitsSideways(page);
    await picture(page, 'manage-registrar-phone');
    // Her role, and not more.
    assert.equal((await page.goto(`${server.url}/admin/program_registration/order/`)).status(), 200);
    assert.equal((await page.goto(`${server.url}/admin/program_sponsors/sponsor/`)).status(), 403);
    assert.equal((await page.goto(team())).status(), 403);
    // The link works once.
    await page.goto(linkIn(mail, '/invitation/'));
    await accessible(page, /was accepted/, 4);
  });
});

test('with the phone lost a recovery code opens the account once, and another phone takes over', async () => {
  await withPage(browser, desktop, async page => {
    await givePassword(page, 'grace@example.org');
    await accessible(page, /Enter a code/, 8);
    await picture(page, 'enter-a-code');
    await page.locator('input[name=proof_code]').fill('000000');
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.locator('.fault').waitFor();
    await page.locator('input[name=proof_code]').fill(codes[3].toLowerCase());
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.waitForURL(url => !url.pathname.endsWith('/code/'));
    await page.goto(`${server.url}/accounts/security/`);
    await accessible(page, /Security of your account/, 10);
    await page.getByText('9 recovery codes are left').first().waitFor();
    await picture(page, 'account-security');
    const old = secrets['grace@example.org'];
    await page.getByRole('link', {name: 'Use another app or phone'}).click();
    await page.locator('code.key').waitFor();
    await setUpFactor(page, 'grace@example.org');
    assert.notEqual(secrets['grace@example.org'], old);
    await mailTo(server, 'grace@example.org', /second factor/i);
    await page.goto(`${server.url}/accounts/history/`);
    await accessible(page, /sign-in/i, 10);
    await picture(page, 'sign-in-history');
  });
  await withPage(browser, desktop, async page => {
    await givePassword(page, 'grace@example.org');
    await page.locator('input[name=proof_code]').fill(codes[3]);
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.locator('.fault').waitFor();
    assert.match(page.url(), /\/code\//);
  });
});

test('the lock keeps what was typed, and unlocking shows it again', async () => {
  await withPage(browser, desktop, async (page, context) => {
    await signIn(page, 'root');
    await page.goto(team());
    await page.locator('textarea[name=emails]').fill('linus@example.org');
    await page.locator('textarea[name=message]').fill('Half a sentence, and then the');
    await page.getByRole('button', {name: 'Lock'}).click();
    await page.waitForURL(/\/accounts\/unlock\//);
    await accessible(page, /Locked/, 6);
    await picture(page, 'locked');
    // Locked is locked, in every tab.
    const tab = await context.newPage();
    await tab.goto(`${server.url}/admin/`);
    assert.match(tab.url(), /\/accounts\/unlock\//);
    await tab.close();
    await page.locator('input[name=proof_password]').fill('not the password');
    await page.getByRole('button', {name: 'Unlock'}).click();
    await page.locator('.fault').waitFor();
    await page.locator('input[name=proof_password]').fill(password);
    await page.getByRole('button', {name: 'Unlock'}).click();
    await page.waitForURL(/\/accounts\/kept\//);
    await accessible(page, /still here/, 6);
    await picture(page, 'kept-form');
    await page.getByRole('button', {name: 'Show the form as I left it'}).click();
    await page.locator('textarea[name=message]').waitFor();
    assert.equal(await page.locator('textarea[name=emails]').inputValue(), 'linus@example.org');
    assert.equal(await page.locator('textarea[name=message]').inputValue(), 'Half a sentence, and then the');
    assert.equal(await page.getByText('Invitations without an answer').count(), 0);
  });
});

test('a form sent after half an hour away is there again after signing in, without JavaScript', async () => {
  await withPage(browser, {...desktop, javaScriptEnabled: false, bypassCSP: false}, async page => {
    await signIn(page, 'root');
    await page.goto(`${server.url}/admin/program_registration/tickettype/`);
    await page.locator('tbody th a').first().click();
    await page.waitForURL(/\/change\/$/);
    const address = page.url();
    await page.locator('input[name=name]').fill('Typed before lunch');
    pass(31 * 60);
    await page.getByRole('button', {name: 'Save', exact: true}).last().click();
    await page.waitForURL(/\/accounts\/login\//);
    await page.locator('input[name=username]').fill('root');
    await page.locator('input[name=password]').fill(password);
    await page.locator('main form button').first().click();
    await page.waitForURL(/\/accounts\/code\//);
    await page.locator('input[name=proof_code]').fill(code(secrets.root));
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('button', {name: 'Show the form as I left it'}).click();
    assert.equal(await page.locator('input[name=name]').inputValue(), 'Typed before lunch');
    await page.goto(address);
    assert.notEqual(await page.locator('input[name=name]').inputValue(), 'Typed before lunch');
  });
});

test('the role ends by itself after its last day', async () => {
  await withPage(browser, narrow, async page => {
    await signIn(page, 'grace@example.org');
    assert.equal((await page.goto(`${server.url}/manage/${conference}/`)).status(), 200);
    await fitsSideways(page);
    pass(3 * 86_400);
    await signIn(page, 'grace@example.org');
    assert.equal((await page.goto(`${server.url}/manage/${conference}/`)).status(), 404);
    assert.equal((await page.goto(`${server.url}/manage/`)).status(), 404);
    assert.equal((await page.goto(`${server.url}/admin/`)).status(), 404);
  });
  await withPage(browser, desktop, async page => {
    await signIn(page, 'root');
    await page.goto(team());
    await page.getByText('Ended lately').first().waitFor();
  });
});
