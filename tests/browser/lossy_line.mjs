// A line between the browser and the server that loses the answer to each form `times` times: the server has done what
// was asked, and the browser hears nothing. Chromium sends a form again by itself when its connection had been used
// before, so that two losses are what a person sees.
import {createServer, request as send} from 'node:http';

export async function startLossyLine(target, times = 2) {
  const losses = new Map();
  let lost = 0, losing = true;
  const line = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('data', chunk => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const key = `${incoming.method} ${incoming.url} ${body}`;
      const forwarded = send(target + incoming.url, {method: incoming.method, headers: incoming.headers}, answer => {
        const parts = [];
        answer.on('data', part => parts.push(part));
        answer.on('end', () => {
          const before = losses.get(key) ?? 0;
          if (losing && incoming.method === 'POST' && before < times) {
            losses.set(key, before + 1);
            ++lost;
            incoming.socket.destroy();
            return;
          }
          outgoing.writeHead(answer.statusCode, answer.rawHeaders);
          outgoing.end(Buffer.concat(parts));
        });
      });
      forwarded.on('error', () => incoming.socket.destroy());
      forwarded.end(body);
    });
  });
  await new Promise(ready => line.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${line.address().port}`,
    lost: () => lost,
    stopLosing: () => { losing = false; },
    stop: () => new Promise(done => { line.closeAllConnections(); line.close(done); }),
  };
}
