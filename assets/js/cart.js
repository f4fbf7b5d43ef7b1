// Changes of the cart without leaving its page: htmx puts the new content in place; here the focus is set and said what
// happened. A lost connection leaves everything as it was.
import {announce, announceMessages, complain, words} from './announce.js';
import {focusFaults} from './faults.js';

export function startCartChanges(start) {
  const events = {
    'htmx:beforeRequest': () => complain(''),
    'htmx:afterSwap': event => {
      const target = event.detail.elt.isConnected ? event.detail.elt : document.getElementById(event.detail.elt.id);
      if (!target) return;
      start(target);
      if (target.id === 'content') {
        if (focusFaults(target)) return;
        const told = target.querySelector('.messages, h1');
        told.tabIndex = -1;
        told.focus({preventScroll: true});
        told.scrollIntoView({block: 'nearest'});
        announceMessages(target);
      } else if (target.id === 'timer') {
        (target.querySelector('button') ?? document.querySelector('h1')).focus({preventScroll: true});
        announce(target.querySelector('[data-held]')?.textContent);
      }
    },
    'htmx:sendError': () => complain(words('lost')),
    'htmx:timeout': () => complain(words('lost')),
    'htmx:responseError': () => complain(words('busy')),
  };
  for (const [name, act] of Object.entries(events)) document.addEventListener(name, act);
}
