// A row's form: a slug proposed from the name, rows added to a table, references found while typing, stored keys
// replaced only on purpose. Each works without this as well.

// As the server makes it, as near as a browser can: the server has the last word.
function slugOf(text) {
  return text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').replace(/ß/g, 'ss').replace(/[æÆ]/g, 'ae')
      .replace(/[øØ]/g, 'o').replace(/[łŁ]/g, 'l').toLowerCase().replace(/[^a-z0-9_\s-]/g, '')
      .replace(/[\s-]+/g, '-').replace(/^[-_]+|[-_]+$/g, '').slice(0, 196);
}

function proposeSlug(slug) {
  const source = document.getElementById(slug.dataset.slugFrom);
  if (!source) return;
  let proposed = slug.value;
  let own = slug.value !== '' && slug.value !== slugOf(source.value);
  source.addEventListener('input', () => {
    if (!own) slug.value = proposed = slugOf(source.value);
  });
  slug.addEventListener('input', () => { own = slug.value !== '' && slug.value !== proposed; });
}

// What fits, into the field's list; a choice is written as "name (#number)", which the server understands.
function findWhileTyping(input) {
  const list = document.getElementById(input.getAttribute('list'));
  let timer = 0, asked = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    if (/\(#[^)]*\)$/.test(input.value)) return input.dataset.adds ? addPick(input) : undefined;
    timer = setTimeout(async () => {
      const mine = ++asked;
      const url = new URL(input.dataset.choices, location.href);
      url.searchParams.set('q', input.value);
      try {
        const answer = await fetch(url, {headers: {Accept: 'application/json'}});
        if (!answer.ok || mine !== asked) return;
        const {results = []} = await answer.json();
        list.replaceChildren(...results.map(one => {
          const option = document.createElement('option');
          option.value = `${one.text} (#${one.id})`;
          return option;
        }));
      } catch { /* the name or number can be typed as well */ }
    }, 200);
  });
}

// A row found for a set becomes one more ticked box.
function addPick(input) {
  const [, label, key] = /^(.*) \(#([^)]*)\)$/.exec(input.value) ?? [];
  if (!key) return;
  const picks = input.closest('fieldset').querySelector('.picks');
  const there = picks.querySelector(`input[value="${CSS.escape(key)}"]`);
  if (there) {
    there.checked = true;
  } else {
    const box = document.createElement('div');
    box.className = 'form-check';
    const tick = Object.assign(document.createElement('input'), {
      className: 'form-check-input', type: 'checkbox', name: input.dataset.adds, value: key, checked: true,
      id: `id_${input.dataset.adds}_${key}`,
    });
    const text = Object.assign(document.createElement('label'), {
      className: 'form-check-label', htmlFor: tick.id, textContent: label,
    });
    box.append(tick, ' ', text);
    picks.append(box);
  }
  input.value = '';
}

// The last row, emptied, with the next number in its names and ids.
function addRow(button) {
  const table = button.dataset.add;
  const body = document.querySelector(`tbody[data-grows="${table}"]`);
  const count = button.closest('section').querySelector('input[data-rows]');
  const number = Number(count.value);
  const model = [...body.rows].reverse().find(row => row.classList.contains('new'));
  if (!model) return;
  const blank = body.blank ?? model;
  const row = blank.cloneNode(true);
  row.querySelectorAll('.fault, .now').forEach(one => one.remove());
  for (const one of row.querySelectorAll('[name], [id], [for], [list], [data-slug-from], [aria-describedby]')) {
    for (const name of ['name', 'id', 'for', 'list', 'data-slug-from', 'aria-describedby']) {
      const value = one.getAttribute(name);
      if (value) {
        one.setAttribute(name, value.split(' ').map(word =>
            word.replace(new RegExp(`(${table}-)\\d+-`), `$1${number}-`)).join(' '));
      }
    }
    one.removeAttribute('aria-invalid');
  }
  for (const label of row.querySelectorAll('label.visually-hidden')) {
    label.textContent = label.textContent.replace(/\d+(?!.*\d)/, number + 1);
  }
  body.append(row);
  count.value = number + 1;
  row.querySelectorAll('[data-slug-from]').forEach(proposeSlug);
  row.querySelectorAll('input[data-choices]').forEach(findWhileTyping);
  row.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
  const most = Number(body.dataset.atMost ?? 0);
  if (most && body.rows.length >= most) button.hidden = true;
}

function growing(button) {
  const body = document.querySelector(`tbody[data-grows="${button.dataset.add}"]`);
  const last = body && [...body.rows].reverse().find(row => row.classList.contains('new'));
  if (!last) return;
  // As it came: before anybody typed into it.
  body.blank = last.cloneNode(true);
  for (const input of body.blank.querySelectorAll('input:not([type="hidden"], [type="checkbox"]), textarea')) {
    if (last.querySelector('.fault')) input.value = input.defaultValue = '';
  }
  button.hidden = false;
  button.addEventListener('click', () => addRow(button));
}

// Typing means replacing; keeping means that nothing typed (by a password manager, say) is sent.
function guardSecret(order) {
  const input = order.closest('.control').querySelector('input[type="password"]');
  input.addEventListener('input', () => { if (input.value) order.value = 'replace'; });
  order.addEventListener('change', () => { if (order.value !== 'replace') input.value = ''; });
}

export function startEditing(root) {
  root.querySelectorAll('input[data-slug-from]').forEach(proposeSlug);
  root.querySelectorAll('input[data-choices]').forEach(findWhileTyping);
  root.querySelectorAll('button[data-add]').forEach(growing);
  root.querySelectorAll('select.secret-order').forEach(guardSecret);
  // A link of the summary leads into a closed group too.
  root.querySelectorAll('.faults a[href^="#"]').forEach(link => link.addEventListener('click', () => {
    document.getElementById(link.hash.slice(1))?.closest('details')?.setAttribute('open', '');
  }));
}
