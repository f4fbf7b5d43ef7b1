// The lock takes along what stands in the page's form (data-keep), so that it is there again after unlocking.
export function startLock() {
  document.addEventListener('submit', event => {
    const lock = event.target;
    const form = document.querySelector('form[data-keep]');
    if (!lock.hasAttribute('data-lock') || !form || lock.elements.kept) return;
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) {
      if (value instanceof File) typed.delete(name);  // files cannot be kept
    }
    const path = new URL(form.getAttribute('action') || '', location.href).pathname;
    for (const [name, value] of [['kept', new URLSearchParams(typed).toString()], ['kept_path', path]]) {
      const field = document.createElement('input');
      field.type = 'hidden';
      field.name = name;
      field.value = value;
      lock.append(field);
    }
  });
}
