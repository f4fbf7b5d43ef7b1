// The data admin as organisers use it: flags, a ticket type, two editors, deletion with its preview, exports; with
// the keyboard only, without JavaScript, on a phone, in German. Every page passes axe.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {accessible, desktop, fitsSideways, narrow, phone, withPage} from './buyer.mjs';
import {picture, startBrowser, startServer} from './server.mjs';

const password = 'seven green bicycles';
let server, browser;

before(async () => {
  process.env.PLENARY_SUPERUSER_PASSWORD = password;
  server = await startServer({demo: true});
  for (const name of ['root', 'ada']) {
    server.run('createsuperuser', '--no-input', '--username', name, '--email', `${name}@example.org`);
  }
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  assert.match(await server.stop(), /every count agrees/);
});

async function signIn(page, name = 'root', word = password) {
  await page.goto(`${server.url}/accounts/login/`);
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(word);
  await page.locator('main form button').first().click();
  await page.waitForURL(url => !url.pathname.endsWith('/login/'));
}

const at = path => `${server.url}/admin/${path}`;
const save = page => page.getByRole('button', {name: 'Save', exact: true}).last();
const status = async path => (await fetch(server.url + path)).status;

// The page of the row of that name.
async function open(page, entity, name) {
  await page.goto(at(entity));
  await page.locator('tbody th a', {hasText: name}).first().click();
  await page.waitForURL(/\/change\/$/);
}

test('a flag forced off on the conference page closes the public pages at once, and back', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await page.goto(at(''));
    await accessible(page, /administration/i, 30);
    await picture(page, 'admin-index');
    await open(page, 'program_conference/conference/', 'Plenary');
    await accessible(page, /Plenary/, 60);
    await picture(page, 'admin-conference');
    const flag = page.locator('select[name=feature_flags-0-registration_enabled]');
    assert.deepEqual(await flag.locator('option').allInnerTexts(),
        ['Default (enabled)', 'Yes – force ON', 'No – force OFF']);
    for (const heading of ['Module Toggles', 'UI Toggles']) {
      assert.equal(await page.getByRole('heading', {name: heading}).count(), 1);
    }
    assert.equal(await status('/plenary-demo/register/'), 200);
    await flag.selectOption({label: 'No – force OFF'});
    await save(page).click();
    await page.waitForURL(/\/conference\/$/);
    assert.equal(await status('/plenary-demo/register/'), 404);
    assert.equal(await status('/plenary-demo/sponsors/'), 200, 'only what was switched off is closed');

    // The list across conferences shows it, and takes it back.
    await page.goto(at('program_conference/featureflags/'));
    await accessible(page, /feature flags/i, 30);
    await picture(page, 'admin-flags');
    await page.locator('tbody th a').first().click();
    await page.waitForURL(/\/change\/$/);
    await accessible(page, /./, 30);
    await page.locator('select[name=registration_enabled]').selectOption({label: 'Default (enabled)'});
    await page.locator('select[name=all_ui_enabled]').selectOption({label: 'No – force OFF'});
    await save(page).click();
    await page.waitForURL(/\/featureflags\/$/);
    assert.equal(await status('/plenary-demo/sponsors/'), 404, 'the master switch closes every public page');
    assert.equal((await page.goto(at(''))).status(), 200, 'and leaves the administration open');
    server.run('features', 'set', 'all_ui', 'default', '--conference', 'plenary-demo');
    assert.equal(await status('/plenary-demo/register/'), 200, 'the command opens them again');
  });
});

test('a ticket type is edited on a phone and sold at its new price', async () => {
  await withPage(browser, phone, async page => {
    await signIn(page);
    await page.goto(at('program_registration/tickettype/'));
    await accessible(page, /ticket types/i, 30);
    await fitsSideways(page);
    await picture(page, 'admin-list-phone');
    await open(page, 'program_registration/tickettype/', 'Individual');
    await fitsSideways(page);
    await page.locator('input[name=price]').fill('€12,50');
    await save(page).click();
    await page.locator('input[name=price][aria-invalid=true]').waitFor();
    await accessible(page, /Individual/, 30);
    assert.match(await page.title(), /^Error:/);
    assert.equal(await page.locator('input[name=price]').inputValue(), '€12,50', 'what was typed stays');
    await picture(page, 'admin-form-errors-phone');
    await page.locator('input[name=price]').fill('112,50');
    await save(page).click();
    await page.waitForURL(/\/tickettype\/$/);
    await page.goto(server.shop);
    assert.match(await page.locator('main').innerText(), /\$112\.50/);
    await open(page, 'program_registration/tickettype/', 'Individual');
    await page.getByRole('link', {name: 'History'}).click();
    await page.waitForURL(/\/history\/$/);
    await accessible(page, /history/i, 10);
    assert.match(await page.locator('main').innerText(), /\$100\.00[^]*\$112\.50/);
    await picture(page, 'admin-history-phone');
  });
});

test('two editors of one row: nothing is overwritten, and the second is told who changed what', async () => {
  await withPage(browser, desktop, async first => {
    await withPage(browser, desktop, async second => {
      await signIn(first);
      await signIn(second, 'ada');
      await open(first, 'program_registration/tickettype/', 'Corporate');
      await second.goto(first.url());
      await second.locator('input[name=price]').fill('360');
      await second.locator('textarea[name=description]').fill('For companies.');
      await save(second).click();
      await second.waitForURL(/\/tickettype\/$/);
      await first.locator('input[name=price]').fill('355');
      await first.locator('input[name=name]').fill('Corporate guest');
      await save(first).click();
      await first.getByText('What others changed').first().waitFor();
      await accessible(first, /Corporate/, 30);
      await picture(first, 'admin-conflict');
      const text = await first.locator('main').innerText();
      assert.match(text, /ada/);
      assert.match(text, /\$350\.00[^]*\$360\.00/);
      assert.equal(await first.locator('input[name=price]').inputValue(), '355', 'what was typed stays');
      assert.equal(await first.locator('textarea[name=description]').inputValue(), 'For companies.',
          'what was not touched is what the other made of it');
      await save(first).click();
      await first.waitForURL(/\/tickettype\/$/);
      await first.goto(server.shop);
      const shop = await first.locator('main').innerText();
      assert.match(shop, /Corporate guest[^]*\$355\.00[^]*For companies\./);
    });
  });
});

test('a deletion says what it would touch, and is refused where money hangs on it', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await open(page, 'program_conference/conference/', 'Plenary');
    await page.getByRole('link', {name: /^Delete/}).click();
    await page.waitForURL(/\/delete\/$/);
    await accessible(page, /delete/i, 15);
    await picture(page, 'admin-delete-refused');
    assert.match(await page.locator('main').innerText(), /cannot be deleted[^]*Orders: 3/);
    assert.equal(await page.locator('main form button').count(), 0, 'there is nothing to press');

    await open(page, 'program_sponsors/sponsorlevel/', 'Sustainability');
    const name = 'Kept in the dark';
    await page.goto(at('program_sponsors/sponsor/add/'));
    await page.locator('select[name=conference_id]').selectOption({index: 1});
    await page.locator('select[name=level_id]').selectOption({label: 'Sustainability — Plenary Demo Conference'});
    await page.locator('input[name=name]').fill(name);
    assert.equal(await page.locator('input[name=slug]').inputValue(), 'kept-in-the-dark', 'the slug follows the name');
    await page.locator('input[name=sponsor_benefit-0-name]').fill('Booth');
    await save(page).click();
    await page.waitForURL(/\/sponsor\/$/);
    await page.goto(at('program_registration/voucher/?q=SPONSOR-KEPT'));
    assert.equal(await page.locator('tbody tr').count(), 15, 'the comp vouchers of the level');
    await open(page, 'program_sponsors/sponsorlevel/', 'Sustainability');
    await page.getByRole('link', {name: /^Delete/}).click();
    await page.waitForURL(/\/delete\/$/);
    assert.match(await page.locator('main').innerText(), /cannot be deleted[^]*Sponsors: 1/);
    await open(page, 'program_sponsors/sponsor/', name);
    await page.getByRole('link', {name: /^Delete/}).click();
    await page.waitForURL(/\/delete\/$/);
    await accessible(page, /delete/i, 15);
    await picture(page, 'admin-delete');
    assert.match(await page.locator('main').innerText(), /Booth|benefits: 1/i);
    await page.locator('main form button').last().click();
    await page.waitForURL(/\/sponsor\/$/);
    assert.doesNotMatch(await page.locator('main table, main .desk-empty').first().innerText(), /Kept in the dark/);
  });
});

test('a list is searched, filtered and exported as it is shown', async () => {
  await withPage(browser, {...desktop, acceptDownloads: true}, async page => {
    await signIn(page);
    await page.goto(at('program_registration/order/'));
    await accessible(page, /orders/i, 40);
    await picture(page, 'admin-orders');
    assert.equal(await page.locator('tbody tr').count(), 3);
    await page.getByRole('searchbox').fill('bob');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=bob/);
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.locator('summary', {hasText: 'Export'}).click();
    const arriving = page.waitForEvent('download');
    await page.getByRole('link', {name: 'CSV', exact: true}).click();
    const download = await arriving;
    assert.match(download.suggestedFilename(), /order.*\.csv$/);
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1], /bob@example\.com/);
    assert.match(lines[1], /350\.00/);
    await page.locator('tbody th a').first().click();
    await page.waitForURL(/\/change\/$/);
    await accessible(page, /ORD-/, 60);
    await picture(page, 'admin-order');
    assert.match(await page.locator('main').innerText(), /Acme Corp[^]*Ticket: Corporate/);
  });
});

test('a section is added with the keyboard only', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page);
    await page.goto(at('program_conference/section/'));
    const focused = () => page.evaluate(() => {
      const e = document.activeElement;
      return {name: e.getAttribute('name') ?? '', text: e.innerText ?? '', tag: e.tagName};
    });
    const tabTo = async is => {
      for (let i = 0; i < 120; ++i) {
        await page.keyboard.press('Tab');
        if (is(await focused())) return;
      }
      assert.fail('Tab did not lead there');
    };
    await page.keyboard.press('Tab');
    assert.match((await focused()).text, /skip/i);
    await page.keyboard.press('Enter');
    await tabTo(e => e.tag === 'A' && /^Add/.test(e.text));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/section\/add\/$/);
    await tabTo(e => e.name === 'conference_id');
    await page.keyboard.press('ArrowDown');
    await tabTo(e => e.name === 'name');
    await page.keyboard.type('Open spaces');
    for (const name of ['start_date', 'end_date']) {
      await tabTo(e => e.name === name);
      await page.keyboard.type('05162027');
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/section\/$/);
    await page.locator('tbody th a', {hasText: 'Open spaces'}).waitFor();
  });
});

test('a row is added, and rows are switched off together, without JavaScript', async () => {
  await withPage(browser, {...desktop, javaScriptEnabled: false}, async page => {
    await signIn(page);
    await page.goto(at('program_registration/voucher/add/'));
    await page.locator('select[name=conference_id]').selectOption({index: 1});
    await page.locator('input[name=code]').fill('  late-birds ');
    await page.locator('select[name=voucher_type]').selectOption('percentage');
    await page.locator('input[name=percent]').fill('15');
    await save(page).click();
    await page.waitForURL(/\/voucher\/$/);
    await page.goto(at('program_registration/voucher/?q=LATE'));
    assert.equal(await page.locator('tbody th a').innerText(), 'LATE-BIRDS');
    await page.goto(at('program_registration/addon/'));
    for (const box of await page.locator('tbody input[name=key]').all()) await box.check();
    await page.locator('select[name=action]').selectOption({label: 'Deactivate'});
    await page.getByRole('button', {name: 'Go'}).click();
    await page.locator('#rows-title').waitFor();
    assert.ok(await page.locator('main li').count() >= 2, 'the rows are named before it is done');
    await picture(page, 'admin-action');
    await page.locator('main form button').last().click();
    await page.getByText(/Deactivate: \d+ rows were changed\./).first().waitFor();
  });
});

test('vouchers by the thousand are followed live and without JavaScript; a table goes in, and comes out as it was', async () => {
  await withPage(browser, {...desktop, acceptDownloads: true}, async (page, context) => {
    await signIn(page);
    await page.goto(at('program_registration/voucher/'));
    await page.getByRole('link', {name: 'Make a batch'}).click();
    await page.waitForURL(/\/batch\/$/);
    await accessible(page, /batch/i, 30);
    await page.fill('#id_count', '10001');
    await page.selectOption('select[name=conference_id]', {index: 1});
    await page.fill('input[name=code]', 'a-prefix-that-is-too-long');
    await page.getByRole('button', {name: 'Make the batch'}).click();
    await page.locator('.faults').waitFor();
    assert.equal(await page.locator('.faults li').count(), 2, 'both are told at once');
    await page.fill('#id_count', '1200');
    await page.fill('input[name=code]', 'crew-');
    await page.getByRole('button', {name: 'Make the batch'}).click();
    await page.waitForURL(/\/batch\/\d+\/$/);
    await page.getByText('1,200 of 1,200 vouchers are made.').waitFor();
    await page.getByText('State: done').waitFor();
    await accessible(page, /Batch CREW-/, 8);
    const csv = async press => {
      const arriving = page.waitForEvent('download');
      await press();
      return readFileSync(await (await arriving).path(), 'utf8').trim().split('\r\n');
    };
    const made = await csv(() => page.getByRole('link', {name: /as a table/}).click());
    assert.equal(new Set(made.slice(1).map(line => line.split(',')[0])).size, 1200);
    await withPage(browser, {...desktop, javaScriptEnabled: false, storageState: await context.storageState()}, async plain => {
      await plain.goto(page.url());
      assert.match(await plain.locator('main').innerText(), /1,200 of 1,200 vouchers are made\.[^]*State: done/);
    });

    const check = async text => {
      await page.goto(at('program_registration/voucher/import/'));
      await page.setInputFiles('#id_file', {name: 'vouchers.csv', mimeType: 'text/csv', buffer: Buffer.from(text)});
      await page.getByRole('button', {name: 'Check the file'}).click();
      await page.locator('#found').waitFor();
    };
    await check('code,type,percent,max_uses\nA B,percentage,10,1\nTWICE,percentage,150,0\n,comp,,1\nTWICE,gift,,x\n');
    await accessible(page, /import/i, 20);
    await picture(page, 'admin-import-problems');
    assert.deepEqual(await page.locator('section[aria-labelledby=found] tbody th').allInnerTexts(), ['2', '3', '3', '4', '5', '5', '5'],
        'all problems, as they stand in the file');
    const table = ['SPEAKERS,comp,,,individual student,none,5,1,,no,yes,2026-09-01 09:00:00,2027-05-14,yes,"Ada, ""the"" first"',
      'FIVE,fixed_amount,,5.50,all,none,20,,100.00,no,no,,,no,\'=1+1'];
    await check([made[0].replace(',times_used,link', ''), ...table].join('\n'));
    assert.match(await page.locator('#found ~ ul').innerText(), /2 vouchers are new/);
    await accessible(page, /import/i, 20);
    await page.getByRole('button', {name: 'Import them'}).click();
    await page.getByText('2 vouchers were added, 0 were changed.').first().waitFor();
    await page.goto(at('program_registration/voucher/import/'));
    const all = await csv(() => page.getByRole('button', {name: 'Download', exact: true}).click());
    for (const line of table) assert.ok(all.some(one => one.startsWith(`${line},0,http`)), line);
  });
});

test('staff without a role are told who can give one; others find nothing', async () => {
  await withPage(browser, desktop, async page => {
    await signIn(page, 'attendee_alice', 'demo');
    await page.goto(at(''));
    await accessible(page, /./, 5);
    assert.match(await page.locator('main').innerText(), /role[^]*root/i);
    await picture(page, 'admin-no-role');
    assert.ok([403, 404].includes((await page.goto(at('program_conference/conference/'))).status()));
  });
  await withPage(browser, desktop, async page => {
    await page.goto(at('program_registration/order/'));
    assert.match(page.url(), /\/accounts\/login\/\?next=/, 'a stranger is asked to sign in');
  });
});

test('the administration in the dark, in German, and on the narrowest screen', async () => {
  await withPage(browser, {...desktop, colorScheme: 'dark', locale: 'de-DE'}, async page => {
    await signIn(page);
    await page.goto(at(''));
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await accessible(page, /./, 30);
    await picture(page, 'admin-index-german-dark');
    await open(page, 'program_registration/tickettype/', 'Student');
    await accessible(page, /Student/, 30);
    await picture(page, 'admin-ticket-german-dark');
  });
  await withPage(browser, narrow, async page => {
    await signIn(page);
    for (const path of ['', 'program_conference/conference/1/change/', 'program_registration/order/',
      'program_registration/voucher/', 'program_programs/travelgrant/', 'program_registration/condition/add/']) {
      await page.goto(at(path));
      await fitsSideways(page);
      await accessible(page, /./, 10);
    }
    await picture(page, 'admin-condition-narrow');
  });
});
