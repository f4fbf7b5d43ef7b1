// The first view of the ticket page as a phone gets it: bytes over the line as served, what moves while it loads, and
// when its largest part is painted with a processor four times slower. Bytes and movement are facts; the time is printed.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {startBrowser, startServer} from './server.mjs';

const budget = {bytes: 60 * 1024, paint: 300};
let server, browser;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function firstView(options) {
  // In the viewer's zone the times differ from the conference's, which adds text when the script runs.
  const context = await browser.newContext({timezoneId: 'Asia/Tokyo', ...options});
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Emulation.setCPUThrottlingRate', {rate: 4});
  const files = new Map();
  line.on('Network.responseReceived', ({requestId, response}) => files.set(requestId, {url: response.url, bytes: 0}));
  line.on('Network.loadingFinished', ({requestId, encodedDataLength}) => {
    if (files.has(requestId)) files.get(requestId).bytes = encodedDataLength;
  });
  await page.addInitScript(() => {
    globalThis.seen = {shift: 0, paint: 0};
    new PerformanceObserver(list => list.getEntries().forEach(entry => globalThis.seen.shift += entry.value))
        .observe({type: 'layout-shift', buffered: true});
    new PerformanceObserver(list => globalThis.seen.paint = list.getEntries().at(-1).startTime)
        .observe({type: 'largest-contentful-paint', buffered: true});
  });
  await page.goto(server.shop, {waitUntil: 'networkidle'});
  const seen = await page.evaluate(() => globalThis.seen);
  await context.close();
  return {...seen, files: [...files.values()].filter(file => file.url.startsWith('http'))};
}

for (const [name, viewport] of [['phone', {width: 375, height: 720}], ['desktop', {width: 1280, height: 900}]]) {
  test(`the first view of the ticket page on a ${name}`, async t => {
    const {shift, paint, files} = await firstView({viewport});
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files) t.diagnostic(`${file.bytes} bytes ${new URL(file.url).pathname}`);
    t.diagnostic(`${bytes} bytes in all (budget ${budget.bytes}), layout shift ${shift.toFixed(4)} (budget 0), ` +
        `largest paint ${Math.round(paint)} ms on a processor four times slower (budget ${budget.paint} ms)`);
    assert.ok(files.length >= 3, 'page, style and script');
    assert.ok(bytes <= budget.bytes, `${bytes} bytes`);
    // A slow processor paints once before the viewer's times stand beside the conference's; nobody sees less.
    assert.ok(shift < 0.001, `layout shift ${shift}`);
  });
}
