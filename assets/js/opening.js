// Before the sale opens: a countdown; at the moment itself the list of tickets is fetched once and put in place, each
// browser at a time of its own within three seconds. A busy server is asked again later and later.
import htmx from 'htmx.org/dist/htmx.esm.js';
import {announce, words} from './announce.js';
import {clockOf} from './timer.js';

const spread = 3000;         // milliseconds after the opening
const longest = 60_000;      // between two attempts
const day = 24 * 60 * 60;

function shown(seconds) {
  const two = number => String(number).padStart(2, '0');
  const time = `${two(Math.floor(seconds % day / 3600))}:${two(Math.floor(seconds % 3600 / 60))}:${two(seconds % 60)}`;
  if (seconds < day) return time;
  const days = Math.floor(seconds / day);
  return new Intl.NumberFormat(document.documentElement.lang, {style: 'unit', unit: 'day', unitDisplay: 'long'})
      .format(days) + ` ${time}`;
}

export function startOpening(root) {
  const box = root.querySelector('[data-opens]');
  if (!box || box.dataset.running) return;
  box.dataset.running = '';
  const ahead = clockOf(box);
  const opens = Number(box.dataset.opens) * 1000;
  const place = box.querySelector('[data-countdown]');
  const left = () => opens - Date.now() - ahead;

  const tick = () => {
    if (!box.isConnected) {
      clearInterval(timer);
      return;
    }
    const seconds = Math.ceil(left() / 1000);
    place.textContent = place.dataset.countdown.replace('{time}', shown(Math.max(0, seconds)));
    if (seconds > 0) return;
    clearInterval(timer);
    setTimeout(() => ask(1000), Math.random() * spread);
  };
  const timer = setInterval(tick, 1000);
  tick();

  async function ask(pause) {
    if (!box.isConnected) return;
    let again = pause;
    try {
      const answer = await fetch(location.pathname, {headers: {Accept: 'text/html'}});
      if (answer.ok && show(await answer.text())) return;
      again = Math.max(pause, 1000 * Number(answer.headers.get('Retry-After')) || 0);
    } catch { /* the line is down: like a busy server */ }
    setTimeout(() => ask(Math.min(longest, pause * 2)), again * (0.75 + Math.random() / 2));
  }

  // True when the sale is open in what came.
  function show(text) {
    const page = new DOMParser().parseFromString(text, 'text/html');
    const fresh = page.getElementById('tickets');
    if (!fresh || fresh.querySelector('[data-opens]')) return false;
    document.getElementById('tickets').replaceWith(fresh);
    htmx.process(fresh);
    announce(words('open'));
    return true;
  }
}
