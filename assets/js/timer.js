// The time that is left of a cart or an order: shown all the while, spoken at 5 and at 1 minute only, in another
// colour for the last 3 minutes.
import {announce} from './announce.js';

const spoken = [5, 1];  // minutes

// By the server's clock, whatever this device believes.
export const clockOf = element => Number(element.dataset.now) * 1000 - Date.now();

const figure = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

export function startTimer(root) {
  const box = root.id === 'timer' ? root : root.querySelector('#timer');
  // Without script the button sends what was typed along, and Enter in a field needs another one before it; with it the time
  // is renewed where it stands.
  box?.querySelector('[data-default]')?.remove();
  for (const name of ['form', 'formaction', 'formnovalidate']) box?.querySelector('button')?.removeAttribute(name);
  if (!box?.dataset.until || box.dataset.running) return;
  box.dataset.running = '';
  const ahead = clockOf(box);
  const left = () => Math.max(0, Math.ceil((Number(box.dataset.until) * 1000 - Date.now() - ahead) / 1000));
  const place = box.querySelector('[data-left]');
  let before = left();

  const tick = () => {
    if (!box.isConnected) {
      clearInterval(timer);
      return;
    }
    const now = left();
    place.textContent = `· ${box.dataset.leftText.replace('{time}', figure(now))}`;
    box.classList.toggle('soon', now <= 180);
    for (const minutes of spoken) {
      if (before > minutes * 60 && now <= minutes * 60 && now > minutes * 60 - 30) announce(box.getAttribute(`data-say-${minutes}`));
    }
    before = now;
    if (now > 0) return;
    clearInterval(timer);
    box.querySelector('[data-held]').textContent = box.dataset.over;
    place.textContent = '';
  };
  const timer = setInterval(tick, 1000);
  tick();
}
