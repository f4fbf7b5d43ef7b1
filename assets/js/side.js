// The side bar is longer than most screens and begins at its top with every page: the entry of this page is brought into sight.
export function showCurrent(side) {
  const current = side?.querySelector('[aria-current]');
  if (!current || !side.clientHeight) return;
  const top = side.getBoundingClientRect().top, seen = Math.min(side.clientHeight, innerHeight - top);
  const at = current.getBoundingClientRect().top - top + side.scrollTop;
  if (at + current.offsetHeight > side.scrollTop + seen) side.scrollTop = at - seen / 2;
}
