// Where something was wrong, its summary has the focus; its links lead to the fields.
export function focusFaults(root) {
  const faults = root.querySelector('.faults');
  faults?.focus();
  return Boolean(faults);
}
