// Marked rows of a list: one box for all, a count of them, and "all that match" only once the whole page is marked.
export function startMarking(root) {
  const form = root.getElementById('marking');
  const every = root.getElementById('mark-all');
  if (!form || !every) return;
  const boxes = [...form.querySelectorAll('input[name="key"]')];
  const count = root.getElementById('marked');
  const across = form.querySelector('.across');
  every.closest('.mark-all')?.removeAttribute('hidden');

  const show = () => {
    const marked = boxes.filter(box => box.checked).length;
    every.checked = boxes.length > 0 && marked === boxes.length;
    every.indeterminate = marked > 0 && marked < boxes.length;
    count.textContent = count.dataset.words.replace('{n}', marked).replace('{all}', boxes.length);
    if (across) {
      across.hidden = !every.checked;
      if (across.hidden) across.querySelector('input').checked = false;
    }
    for (const box of boxes) box.closest('tr').classList.toggle('marked', box.checked);
  };
  // Shift marks everything from the box before.
  let last = -1;
  boxes.forEach((box, i) => box.addEventListener('click', event => {
    if (event.shiftKey && last >= 0) {
      for (let k = Math.min(last, i); k <= Math.max(last, i); ++k) boxes[k].checked = box.checked;
    }
    last = i;
    show();
  }));
  every.addEventListener('change', () => {
    for (const box of boxes) box.checked = every.checked;
    show();
  });
  show();
}
