// The page's one polite region: what is put there is spoken, and nothing else is.
const region = () => document.getElementById('announcement');

export function announce(text) {
  const place = region();
  if (!place || !text) return;
  place.textContent = '';
  // Emptied first and filled later, so that the same words are spoken again.
  setTimeout(() => { place.textContent = text; }, 100);
}

// A text of the page in its language, with {placeholders} filled.
export function words(name, values = {}) {
  const text = region()?.dataset[name] ?? '';
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
}

// What a page tells after something was done; errors are alerts of their own.
export function announceMessages(root) {
  announce([...root.querySelectorAll('.messages > :not([role])')].map(message => message.textContent.trim()).join(' '));
}

// A line above the content about something that did not work; spoken because it is an alert.
export function complain(text) {
  let box = document.getElementById('complaint');
  if (!text) {
    box?.remove();
    return;
  }
  if (!box) {
    box = document.createElement('div');
    box.id = 'complaint';
    box.setAttribute('role', 'alert');
    box.className = 'alert alert-danger';
    document.body.append(box);
  }
  box.textContent = text;
}
