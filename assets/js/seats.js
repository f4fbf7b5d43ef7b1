// The tickets of an order have a form each. Saving one loads the page anew: what was typed for the others and not saved
// is put back, and said to be unsaved. Kept for the next page of this order in this tab alone, then forgotten.
const place = () => `seats ${location.pathname}`;
const fieldsOf = form => form.querySelectorAll('input[name=name], input[name=email]');
const isTyped = field => field.value !== field.defaultValue;

function keep(list, sent) {
  const typed = {};
  for (const form of list.querySelectorAll('form.seat-form'))
    if (form !== sent) for (const field of fieldsOf(form)) if (isTyped(field)) typed[field.id] = field.value;
  if (Object.keys(typed).length) sessionStorage.setItem(place(), JSON.stringify(typed));
}

function restore(list) {
  const typed = JSON.parse(sessionStorage.getItem(place()) ?? '{}');
  sessionStorage.removeItem(place());
  for (const form of list.querySelectorAll('form.seat-form')) {
    for (const field of fieldsOf(form)) field.value = typed[field.id] ?? field.value;
    if (![...fieldsOf(form)].some(isTyped) || form.querySelector('.unsaved')) continue;
    const note = document.createElement('p');
    note.className = 'unsaved form-text';
    note.textContent = list.dataset.unsaved;
    form.querySelector('.actions').before(note);
  }
}

export function keepSeats(root) {
  const list = root.querySelector('.seats[data-unsaved]');
  if (!list) return;
  try {
    restore(list);
    list.addEventListener('submit', event => keep(list, event.target));
  } catch {
    // A browser that stores nothing: each form for itself.
  }
}
