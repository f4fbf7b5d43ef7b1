#include "support/stripe/stripe_pages.hpp"

namespace plenary::test {

std::string_view stripe_js() {
  return R"js(// Stripe.js, played: Stripe(key).elements({clientSecret}).create('payment').mount('#place'), and
// confirmPayment, which asks in the frame and then goes to return_url.
(() => {
  const origin = new URL(document.currentScript.src).origin;
  let counter = 0;
  const waiting = new Map();
  window.addEventListener('message', event => {
    if (event.origin !== origin || !event.data || !event.data.standIn) return;
    const {kind, id, value} = event.data;
    if (kind === 'ready' || kind === 'change') {
      for (const element of elementsMade) if (element.id === id) element.emit(kind, value);
      return;
    }
    const done = waiting.get(id);
    if (done) { waiting.delete(id); done(value); }
  });
  const elementsMade = [];

  function paymentElement(secret, options) {
    const id = `element-${++counter}`;
    const handlers = {};
    const frame = document.createElement('iframe');
    frame.title = 'Secure payment input frame';
    frame.src = `${origin}/v3/element.html#${id}`;
    frame.width = '100%';
    frame.height = '330';
    frame.setAttribute('frameborder', '0');
    const element = {
      id, frame, secret,
      emit(kind, value) { (handlers[kind] || []).forEach(handler => handler(value)); },
      on(kind, handler) { (handlers[kind] ||= []).push(handler); return element; },
      mount(place) {
        const node = typeof place === 'string' ? document.querySelector(place) : place;
        node.textContent = '';
        node.append(frame);
      },
      unmount() { frame.remove(); },
      destroy() { frame.remove(); },
      update() {},
      focus() { frame.focus(); },
      ask(message) {
        const request = `ask-${++counter}`;
        return new Promise(done => {
          waiting.set(request, done);
          frame.contentWindow.postMessage({standIn: true, id: request, ...message}, origin);
        });
      },
    };
    elementsMade.push(element);
    return element;
  }

  window.Stripe = (key, settings = {}) => {
    if (!/^pk_/.test(key)) throw new Error('Stripe(): the key must be a publishable one');
    return {
      elements(options = {}) {
        const made = {clientSecret: options.clientSecret, payment: null};
        return {
          made,
          create(kind) {
            if (kind !== 'payment') throw new Error(`no element ${kind} here`);
            return made.payment = paymentElement(options.clientSecret, options);
          },
          getElement: kind => kind === 'payment' ? made.payment : null,
          submit: async () => ({}),
          update() {},
          fetchUpdates: async () => ({}),
        };
      },
      async confirmPayment({elements, clientSecret, confirmParams = {}, redirect = 'always'}) {
        const element = elements.made.payment;
        const secret = clientSecret || elements.made.clientSecret;
        const returnUrl = confirmParams.return_url || location.href;
        const answer = await element.ask({kind: 'confirm', key, secret, returnUrl});
        if (answer.error) return {error: answer.error};
        const intent = answer.intent;
        if (intent.next_action) {
          location.assign(`${intent.next_action.redirect_to_url.url}?return_url=${encodeURIComponent(returnUrl)}`);
          return new Promise(() => {});
        }
        if (redirect === 'if_required') return {paymentIntent: intent};
        const back = new URL(returnUrl);
        back.searchParams.set('payment_intent', intent.id);
        back.searchParams.set('payment_intent_client_secret', secret);
        back.searchParams.set('redirect_status', intent.status === 'processing' ? 'processing' : 'succeeded');
        location.assign(back);
        return new Promise(() => {});
      },
    };
  };
})();
)js";
}

std::string_view element_html() {
  return R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Payment</title>
<style>body{font:16px system-ui,sans-serif;margin:2px;color-scheme:light dark;color:CanvasText}
label{display:block;margin:0 0 4px}input,select{font:inherit;width:100%;box-sizing:border-box;padding:10px;
margin:0 0 12px;border:1px solid #767676;border-radius:6px;background:Field;color:FieldText}
.row{display:flex;gap:12px}.row>div{flex:1}</style></head>
<body><main hidden>
<label for="method">Payment method</label>
<select id="method"><option value="card">Card</option><option value="sepa_debit">SEPA Direct Debit</option></select>
<div id="card"><label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234">
<div class="row"><div><label for="expiry">Expiration date</label>
<input id="expiry" name="expiry" autocomplete="cc-exp" placeholder="MM / YY"></div>
<div><label for="cvc">Security code</label>
<input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="CVC"></div></div></div>
<div id="debit" hidden><label for="iban">IBAN</label><input id="iban" name="iban" placeholder="DE00 0000"></div>
</main><script src="/v3/element.js"></script></body></html>
)html";
}

std::string_view element_js() {
  return R"js(const id = location.hash.slice(1);
const field = name => document.getElementById(name);
const tell = (kind, value, to = id) => parent.postMessage({standIn: true, kind, id: to, value}, '*');
field('method').addEventListener('change', () => {
  field('card').hidden = field('method').value !== 'card';
  field('debit').hidden = field('method').value === 'card';
});
document.addEventListener('input', () => {
  const filled = field('method').value === 'card' ? field('number').value && field('expiry').value && field('cvc').value
    : field('iban').value;
  tell('change', {complete: Boolean(filled), empty: false, value: {type: field('method').value}});
});
addEventListener('message', async event => {
  const asked = event.data;
  if (!asked || !asked.standIn || asked.kind !== 'confirm') return;
  const method = field('method').value;
  const typed = method === 'card' ? field('number').value : field('iban').value;
  if (method === 'card' && (!typed || !field('expiry').value || !field('cvc').value)) {
    return tell('answer', {error: {type: 'validation_error', code: 'incomplete_number',
      message: 'Your card number is incomplete.'}}, asked.id);
  }
  const body = new URLSearchParams({key: asked.key, client_secret: asked.secret, return_url: asked.returnUrl,
    [method === 'card' ? 'payment_method_data[card][number]' : 'payment_method_data[sepa_debit][iban]']: typed});
  try {
    const answer = await fetch(`/v1/payment_intents/${asked.secret.split('_secret_')[0]}/confirm`,
        {method: 'POST', body});
    const json = await answer.json();
    tell('answer', answer.ok ? {intent: json} : {error: json.error}, asked.id);
  } catch (error) {
    tell('answer', {error: {type: 'api_connection_error', message: 'The connection broke off.'}}, asked.id);
  }
});
// As with Stripe, nobody types before somebody listens.
document.querySelector('main').hidden = false;
tell('ready', {});
)js";
}

std::string bank_html(const std::string& intent_id, const std::string& return_url) {
  return R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your bank</title></head><body><main><h1>3-D Secure</h1><p>Do you want to approve this payment?</p>
<form method="post" action="/3ds/)html" +
         intent_id + R"html("><input type="hidden" name="return_url" value=")html" + return_url +
         R"html("><button name="approve" value="1">Approve</button> <button name="approve" value="0">Refuse</button>
</form></main></body></html>
)html";
}

}  // namespace plenary::test
