// A buyer of the chaos runs: cookies, forms as the pages bring them, and patience. Whatever gets no answer is sent again,
// the very same request, until it is answered: that is what a person does who sees a browser's error page.
const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));

export class GaveUp extends Error {}

export class Buyer {
  constructor(world, name) {
    this.world = world;
    this.name = name;
    this.email = `${name}@example.com`;
    this.cookies = new Map();
    this.repeats = 0;
  }

  async send(path, form) {
    const until = Date.now() + this.world.patience;
    for (;;) {
      const url = path.startsWith('http') ? path : this.world.nextUrl() + path;
      try {
        const answer = await fetch(url, {
          method: form ? 'POST' : 'GET', redirect: 'manual', signal: AbortSignal.timeout(30_000),
          headers: {
            cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(form ? {'content-type': 'application/x-www-form-urlencoded', origin: new URL(url).origin} : {}),
          },
          body: form ? new URLSearchParams(form).toString() : undefined,
        });
        const body = await answer.text();
        for (const cookie of answer.headers.getSetCookie()) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
          this.cookies.set(name, value);
        }
        // A server that ends, starts, is full or has no database says so; a person tries again.
        if (answer.status < 500) {
          const location = answer.headers.get('location');
          return {status: answer.status, body, location: location && new URL(location, url).pathname};
        }
        this.lastTrouble = `${answer.status} at ${path}`;
      } catch (error) {
        this.lastTrouble = `${error.cause?.code ?? error.name} at ${path}`;
      }
      this.repeats += 1;
      if (Date.now() > until) throw new GaveUp(`${this.name} gave up: ${this.lastTrouble}`);
      await wait(100 + Math.random() * 200);
    }
  }

  // The hidden fields of the first form whose text has all of `marks`.
  static hidden(page, ...marks) {
    for (const [form] of page.matchAll(/<form[\s\S]*?<\/form>/g)) {
      if (!marks.every(mark => form.includes(mark))) continue;
      const fields = {};
      for (const [tag] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
        const name = /name="([^"]*)"/.exec(tag)?.[1];
        if (name) fields[name] = (/value="([^"]*)"/.exec(tag)?.[1] ?? '').replaceAll('&amp;', '&');
      }
      return fields;
    }
    return null;
  }

  // From the ticket page to an order that waits for its payment. Nothing: sold out.
  async order(tickets = 1) {
    const shop = `/${this.world.conference}/register/`;
    const offered = Buyer.hidden((await this.send(shop)).body, 'name="ticket_type"');
    if (!offered) return null;
    const added = await this.send(`${shop}cart/`, {...offered, quantity: String(tickets)});
    if (added.status !== 303 && added.status !== 302) return null;
    const checkout = await this.send(`${shop}checkout/`);
    const billing = Buyer.hidden(checkout.body, 'name="billing_name"');
    if (!billing) return null;
    const review = await this.send(`${shop}checkout/`, {...billing, billing_name: this.name, billing_email: this.email});
    const last = Buyer.hidden(review.body, 'name="shown_total"');
    if (!last) return null;
    const placed = await this.send(`${shop}checkout/`, last);
    if (!placed.location?.includes('/orders/')) return null;
    this.path = placed.location.replace(/(pay|confirmation)\/$/, '');
    this.reference = /orders\/([^/]+)\//.exec(this.path)[1];
    this.world.told.set(this.reference, {state: 'ordered', path: this.path});
    return this.reference;
  }

  // The intent of the pay page's card form: {intent, amount}; {refused} when the order cannot be paid.
  async openForm() {
    const page = await this.send(`${this.path}pay/`);
    if (page.status !== 200) return {refused: page.location ?? page.status};
    const token = /data-token="([^"]*)"/.exec(page.body)?.[1];
    if (!token) return {refused: 'no card form on the page'};
    const fields = {csrfmiddlewaretoken: token};
    const until = Date.now() + this.world.patience;
    for (;;) {
      const answer = await this.send(`${this.path}pay/intent/`, fields).catch(error => ({status: 0, body: String(error)}));
      if (answer.status === 200) {
        const {client_secret: secret, amount} = JSON.parse(answer.body);
        return {intent: secret.split('_secret_')[0], amount};
      }
      if (answer.status === 409 || answer.status === 404 || answer.status === 403) return {refused: answer.status, body: answer.body};
      if (Date.now() > until) return {refused: answer.body};
      await wait(300);
    }
  }

  // What the order's page says: paid, pending, cancelled, refunded… in the machine-readable state of the page.
  async state() {
    const page = await this.send(this.path);
    return page.status === 200 ? page.body : '';
  }
}

export {wait};
