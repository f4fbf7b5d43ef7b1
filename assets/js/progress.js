// A progress bar that the server tells how far it is: events "progress" with "500/1200", then "end".
export function startProgress(root) {
  const bar = root.querySelector('progress[data-stream]');
  if (!bar || !window.EventSource) return;
  const words = root.getElementById('batch-words');
  const events = new EventSource(bar.dataset.stream);
  events.addEventListener('progress', event => {
    const [made, wanted] = event.data.split('/').map(Number);
    bar.max = wanted;
    bar.value = made;
    if (words) words.textContent = words.dataset.words.replace('{n}', made.toLocaleString(document.documentElement.lang || undefined));
  });
  events.addEventListener('end', () => {
    events.close();
    window.location.reload();
  });
}
