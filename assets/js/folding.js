// Parts of a page that fold stay as they were left, page after page: <details data-remember="NAME">. The same name twice
// on one page (side bar and menu) folds together. Without storage each page starts as it was sent.
const key = name => `plenary-fold-${name}`;

function stored(name) {
  try {
    return localStorage.getItem(key(name));
  } catch {
    return null;
  }
}

function store(name, state) {
  try {
    localStorage.setItem(key(name), state);
  } catch { /* nothing is remembered then */ }
}

export function rememberFolding(root) {
  const folding = [...root.querySelectorAll('details[data-remember]')];
  for (const details of folding) {
    const state = stored(details.dataset.remember);
    if (state) details.open = state === 'open';
  }
  for (const details of folding) {
    details.addEventListener('toggle', () => {
      const name = details.dataset.remember;
      if (stored(name) !== (details.open ? 'open' : 'closed')) store(name, details.open ? 'open' : 'closed');
      for (const other of folding) {
        if (other.dataset.remember === name && other.open !== details.open) other.open = details.open;
      }
    });
  }
}
