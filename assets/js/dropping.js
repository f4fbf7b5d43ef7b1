// Menus that drop down (<details class="desk-drop">): one at a time, closed by Escape and by a click elsewhere.
export function startDropping(root) {
  const menus = () => root.querySelectorAll('details.desk-drop[open]');
  root.addEventListener('toggle', event => {
    if (!event.target.matches?.('details.desk-drop[open]')) return;
    for (const menu of menus()) if (menu !== event.target) menu.open = false;
  }, true);
  root.addEventListener('click', event => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    for (const menu of menus()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    }
  });
}
