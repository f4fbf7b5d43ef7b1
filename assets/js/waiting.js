// A page that waits for an answer from elsewhere looks again by itself, ever more seldom, and goes where the answer
// leads. Without script there is a link to look again.
const first = 1500, longest = 30_000;   // milliseconds between two looks
const patience = 15 * 60_000;           // then the link is left

export function waitForAnswer(root) {
  if (!root.querySelector('[data-poll]')) return;
  const began = Date.now();
  let pause = first;

  const look = async () => {
    try {
      const answer = await fetch(location.href, {headers: {Accept: 'text/html'}, signal: AbortSignal.timeout?.(pause + 10_000)});
      if (answer.redirected) {
        location.replace(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (answer.ok && !page.querySelector('[data-poll]')) {
        location.reload();
        return;
      }
    } catch {
      // No line at this moment; the next look may find one.
    }
    pause = Math.min(pause * 1.5, longest);
    if (Date.now() - began < patience) setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
