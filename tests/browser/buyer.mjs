// What every browser test needs: a page of its own, axe, the accessibility tree as text, and the steps of a purchase.
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const trees = join(dirname(fileURLToPath(import.meta.url)), 'trees');

export const phone = {viewport: {width: 375, height: 720}, hasTouch: true, isMobile: true};
// In the conference's own zone: its moments are then written once.
export const desktop = {viewport: {width: 1280, height: 900}, timezoneId: 'America/New_York'};
export const narrow = {viewport: {width: 320, height: 640}};

export async function withPage(browser, options, act) {
  const context = await browser.newContext({bypassCSP: true, ...options});
  const page = await context.newPage();
  try {
    await act(page, context);
  } finally {
    await context.close();
  }
}

// The page is the one expected, has some substance, and axe finds nothing on it. Waits for the heading, and for the styles:
// without them everything is small.
export async function accessible(page, heading, elements = 6) {
  const first = page.locator('h1').first();
  await first.filter({hasText: heading}).waitFor().catch(() => {});
  assert.match(await first.innerText(), heading);
  await page.waitForLoadState();
  assert.ok(await page.locator('main *').count() >= elements, 'the page is nearly empty');
  await page.evaluate(axeSource);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document,
      {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}));
  assert.deepEqual(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(', ')}`), [], page.url());
}

// Once the page is there with its styles.
export async function fitsSideways(page) {
  await page.waitForLoadState();
  const [width, seen, widest] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth,
    [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > innerWidth)
        .slice(0, 8).map(element => element.outerHTML.slice(0, 120))]);
  assert.ok(width <= seen, `${page.url()} is ${width} pixels wide where ${seen} are seen:\n${widest.join('\n')}`);
}

// Roles, names and states as a screen reader meets them, one line each. References, moments and codes change with
// every run and are written as what they are.
export async function tree(page) {
  const lines = [];
  const steady = text => text.replace(/ORD-[A-Z0-9]{8}/g, 'ORD-…').replace(/\b\d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?( [A-Z]{2,5})?\b/g, '‹time›')
      .replace(/\b\d{1,2} [A-Z][a-z]+ \d{4}, ‹time›/g, '‹moment›')
      .replace(/\b[A-Z0-9]{8}\b/g, '‹code›').replace(/\d+ (minutes?|seconds?)( \d+ seconds?)?/g, '‹span›')
      .replace(/\b\d[\d,]* remaining/g, '‹n› remaining');
  const walk = (node, depth) => {
    const states = ['checked', 'disabled', 'required', 'invalid', 'level', 'expanded', 'pressed']
        .filter(state => node[state] !== undefined && node[state] !== false && node[state] !== 'false')
        .map(state => `${state}=${node[state]}`);
    lines.push(`${'  '.repeat(depth)}${node.role} ${JSON.stringify(steady(node.name ?? ''))}` +
        (states.length ? ` ${states.join(' ')}` : ''));
    // Of a long list, such as that of countries, the beginning.
    const children = node.children ?? [], most = node.role === 'combobox' && children.length > 20 ? 3 : children.length;
    for (const child of children.slice(0, most)) walk(child, depth + 1);
  };
  walk(await page.accessibility.snapshot({interestingOnly: true}), 0);
  return lines.join('\n') + '\n';
}

// Compares the page with its kept tree in trees/NAME.txt. PLENARY_KEEP_TREES=1 writes it anew: look at the difference.
export async function sameTree(page, name) {
  const now = await tree(page), file = join(trees, `${name}.txt`);
  if (process.env.PLENARY_KEEP_TREES) {
    mkdirSync(trees, {recursive: true});
    writeFileSync(file, now);
  }
  assert.ok(existsSync(file), `${file} is missing: run with PLENARY_KEEP_TREES=1 and read what it wrote`);
  assert.equal(now, readFileSync(file, 'utf8'), `the accessibility tree of ${name} changed`);
}

export const addTicket = page => page.locator('form:has(input[name=ticket_type][value=individual]) button');
export const billingButton = page => page.locator('main form:has(input[name=billing_name]) button').last();
export const orderButton = page => page.locator('main form:has(input[name=shown_total]) button').last();

export async function fillBilling(page, email, name = 'Ada Lovelace') {
  await page.fill('input[name=billing_name]', name);
  await page.fill('input[name=billing_email]', email);
}

// A shirt of that size of selling.toml, on the cart's page.
export async function addShirt(page, size) {
  const shirt = page.locator('form:has(input[value="t-shirt"])');
  await shirt.locator('label', {hasText: size}).first().click();
  await shirt.locator('button').click();
  await page.locator('main .lines', {hasText: `T-Shirt, ${size}`}).waitFor();
}

export async function toReview(page, shop, email) {
  await page.goto(shop);
  await addTicket(page).click();
  await page.waitForURL(/\/register\/cart\//);
  await page.goto(`${shop}checkout/`);
  await fillBilling(page, email);
  await billingButton(page).click();
  await page.waitForURL(/\/checkout\/review\//);
}

export async function fillCard(page, card = '4242 4242 4242 4242') {
  await page.fill('input[name=card_number]', card);
  await page.fill('input[name=card_expiry]', '12/30');
  await page.fill('input[name=card_cvc]', '123');
}

export async function pay(page, card) {
  await fillCard(page, card);
  await page.press('input[name=card_cvc]', 'Enter');
}

export async function buy(page, shop, email) {
  await toReview(page, shop, email);
  await orderButton(page).click();
  await page.waitForURL(/\/pay\//);
  await pay(page);
  await page.waitForURL(/\/confirmation\//);
}
