// Asks about an e-mail address that looks mistyped; never refuses it.
import {announce, words} from './announce.js';

const known = ['gmail.com', 'googlemail.com', 'yahoo.com', 'hotmail.com', 'outlook.com', 'icloud.com', 'live.com',
  'gmx.de', 'gmx.net', 'web.de', 'posteo.de', 't-online.de', 'mailbox.org', 'proton.me', 'protonmail.com', 'aol.com',
  'yahoo.co.uk', 'hotmail.co.uk', 'orange.fr', 'free.fr', 'libero.it'];

// One letter too many, too few, another, or two exchanged.
function isNear(a, b) {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) ++i;
  const [restA, restB] = [a.slice(i), b.slice(i)];
  return restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1) ||
      (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2));
}

export function suggestion(address) {
  const at = address.lastIndexOf('@');
  if (at < 1) return '';
  const domain = address.slice(at + 1).trim().toLowerCase();
  if (known.includes(domain)) return '';
  const near = known.find(one => isNear(domain, one));
  return near ? `${address.slice(0, at).trim()}@${near}` : '';
}

export function startSuggestions(root) {
  for (const input of root.querySelectorAll('input[type="email"][autocomplete~="email"]')) {
    const place = document.createElement('p');
    place.className = 'suggestion';
    input.after(place);
    // After a pause in typing, never on leaving the field: what appears then would move the button from under the
    // pointer that left it.
    let waiting;
    input.addEventListener('blur', () => clearTimeout(waiting));
    input.addEventListener('input', () => {
      clearTimeout(waiting);
      place.replaceChildren();
      waiting = setTimeout(() => ask(suggestion(input.value)), 600);
    });
    const ask = better => {
      if (!better) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'btn btn-link';
      button.textContent = words('suggest', {address: better});
      button.addEventListener('click', () => {
        input.value = better;
        place.replaceChildren();
        input.focus();
      });
      place.append(button);
      announce(button.textContent);
    };
  }
}
