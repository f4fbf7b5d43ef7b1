// Sending a form. Any form: a second click while the first is under way is no second submit, and never for longer than
// ten seconds. Forms marked data-send go over the line by script: when the connection is lost the page stays, with what
// was typed, and says so; sending again is safe because every form carries a one-use token. The server answers with the
// address to go to (HX-Redirect) or with a page, whose content takes the place of the present one.
import {announceMessages, complain, words} from './announce.js';
import {focusFaults} from './faults.js';

const patience = 30_000;   // milliseconds for an answer
const guarded = 10_000;    // milliseconds in which a second submit is none

const busy = new Set();

function setBusy(form, button) {
  busy.add(form);
  button?.setAttribute('aria-disabled', 'true');
  const free = () => {
    busy.delete(form);
    button?.removeAttribute('aria-disabled');
  };
  setTimeout(free, guarded);
  return free;
}

// With its files where the form has some.
function fieldsOf(form, button) {
  const data = new FormData(form);
  const fields = form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data);
  if (button?.name) fields.append(button.name, button.value);
  return fields;
}

// Contents that were replaced, so that going back finds what was typed. In this page's memory only.
const kept = [];

export function startSending(start) {
  const show = (content, title) => {
    document.getElementById('content').replaceWith(content);
    document.title = title;
    start(content);
  };

  function replace(text, url) {
    const page = new DOMParser().parseFromString(text, 'text/html');
    const content = page.getElementById('content');
    if (!content) return false;
    if (url !== location.href) {
      kept.push([document.getElementById('content'), document.title]);
      history.replaceState({kept: kept.length - 1}, '');
      history.pushState({fresh: true}, '', url);
    }
    show(content, page.title);
    window.scrollTo(0, 0);
    if (!focusFaults(content)) {
      const heading = content.querySelector('h1') ?? content;
      heading.tabIndex = -1;
      heading.focus({preventScroll: true});
    }
    announceMessages(content);
    return true;
  }

  async function send(form, button) {
    const free = setBusy(form, button);
    complain('');
    try {
      const answer = await fetch(button?.getAttribute('formaction') || form.getAttribute('action') || location.href, {  // a field may be named action
        method: 'POST', body: fieldsOf(form, button), signal: AbortSignal.timeout?.(patience),
        headers: {'HX-Request': 'true', 'Plenary-Send': 'true', Accept: 'text/html'},
      });
      const next = answer.headers.get('HX-Redirect');
      if (next) {
        location.assign(next);
        return;
      }
      if (answer.status === 429 || answer.status >= 500) {
        complain(words('busy'));
      } else if (!replace(await answer.text(), answer.url)) {
        location.assign(answer.url);
        return;
      }
    } catch {
      complain(words('lost'));
    }
    free();
  }

  document.addEventListener('submit', event => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute('method') !== 'post') return;
    if (busy.has(form)) {
      event.preventDefault();
      return;
    }
    const button = event.submitter;
    if (form.hasAttribute('data-send')) {
      event.preventDefault();
      send(form, button);
    } else if (!form.closest('[hx-boost="true"], [hx-post]')) {
      setBusy(form, button);
    }
  });

  // Back from another page: whatever was under way is over.
  addEventListener('pageshow', event => {
    if (!event.persisted) return;
    busy.clear();
    for (const button of document.querySelectorAll('[aria-disabled="true"]')) button.removeAttribute('aria-disabled');
  });
  addEventListener('popstate', event => {
    const before = kept[event.state?.kept];
    if (before) {
      show(...before);
    } else if (event.state?.fresh) {
      location.reload();
    }
  });
}
