// Where something was wrong, its summary has the focus, whose links lead to the fields; else what was refused, which
// nobody would hear at the loading of a page otherwise.
export function focusFaults(root) {
  const faults = root.querySelector('.faults') ?? root.querySelector('.messages > [role=alert]');
  faults?.focus();
  return Boolean(faults);
}
