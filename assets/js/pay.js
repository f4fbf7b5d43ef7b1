// The page to pay: the provider's own form for cards and wallets, and the page that somebody comes back to. Nothing of
// a card is ever seen by this script; whether money came is never its word, but what the server says later.
import {waitForAnswer} from './waiting.js';

const patience = 30_000;  // milliseconds for an answer

function load(url) {
  return new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = done;
    script.onerror = () => failed(new Error('script'));
    document.head.append(script);
  });
}

// What the server said: {client_secret, …}, or {error, message} with a sentence for the buyer.
async function ask(way) {
  const answer = await fetch(way.dataset.intent, {
    method: 'POST', headers: {'X-CSRFToken': way.dataset.token, Accept: 'application/json'},
    signal: AbortSignal.timeout?.(patience),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok && !told.error) told.error = 'unknown';
  return told;
}

function start(way) {
  const form = way.querySelector('[data-card-form]');
  const fault = way.querySelector('[data-fault]');
  const busy = way.querySelector('[data-busy]');
  const open = way.querySelector('[data-open-form]');
  const pay = way.querySelector('[data-pay]');
  let stripe, elements, returnUrl, running = false;

  const complain = text => {
    fault.replaceChildren();
    if (!text) return;
    const box = document.createElement('p');
    box.className = 'alert alert-danger';
    box.textContent = text;
    fault.append(box);
  };
  const work = async act => {
    if (running) return;
    running = true;
    complain('');
    busy.textContent = busy.dataset.busyText;
    for (const button of [open, pay]) button.setAttribute('aria-disabled', 'true');
    try {
      await act();
    } catch (error) {
      complain(error.message === 'script' ? way.dataset.noForm : way.dataset.lost);
    }
    busy.textContent = '';
    for (const button of [open, pay]) button.removeAttribute('aria-disabled');
    running = false;
  };

  const openForm = takeFocus => work(async () => {
    const told = await ask(way);
    // It was taken meanwhile, in another tab or by a job: the other page knows more.
    if (told.error === 'payment_running') {
      location.assign(way.dataset.return);
      return;
    }
    if (told.error) {
      complain(told.message ?? way.dataset.lost);
      return;
    }
    if (!window.Stripe) await load(way.dataset.script);
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    stripe = window.Stripe(told.publishable_key, {locale: document.documentElement.lang || 'auto'});
    elements = stripe.elements({clientSecret: told.client_secret, appearance: {theme: dark ? 'night' : 'stripe'}});
    const element = elements.create('payment');
    element.on?.('ready', () => { if (takeFocus) element.focus?.(); });
    element.on?.('loaderror', () => complain(way.dataset.noForm));
    element.mount(way.querySelector('[data-element]'));
    returnUrl = told.return_url;
    const timer = document.getElementById('timer');
    if (timer && told.held_until > Number(timer.dataset.until)) {
      timer.dataset.until = told.held_until;
      timer.querySelector('[data-held]').textContent = way.dataset.held;
    }
    open.hidden = true;
    pay.hidden = false;
    pay.textContent = pay.dataset.text.replace('{amount}', told.amount_text);
  });

  const confirm = () => work(async () => {
    // Where it succeeds, or the bank wants to ask, the browser leaves this page.
    const {error} = await stripe.confirmPayment({elements, confirmParams: {return_url: returnUrl}});
    if (!error) return;
    // The provider's words name the reason; that nothing was lost is ours to say.
    complain(error.type === 'validation_error' ? error.message
      : `${way.dataset.declined}${error.message ? ` (${error.message})` : ''}`);
  });

  form.addEventListener('submit', event => {
    event.preventDefault();
    if (elements) confirm(); else openForm(true);
  });
  open.hidden = false;
  if (way.hasAttribute('data-open')) openForm(false);
}

const way = document.getElementById('card-way');
if (way) start(way);
waitForAnswer(document);
