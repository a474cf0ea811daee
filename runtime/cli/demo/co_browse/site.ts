const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
  nav a { margin-right: 1rem; } section { border: 1px solid #ccc; border-radius: 8px; padding: 1rem; }
  label { display: block; margin: .5rem 0; } input, select, button { font: inherit; padding: .3rem; }
  .payroll { background: #fee; padding: .5rem; } .tall { height: 2400px;
    background: repeating-linear-gradient(#fff 0 80px, #eef4ff 80px 160px); }`;

/** Notes when something happened here, on the clock that all browsers of this machine share. */
const SCRIPT = `
  const seen = window.seen = JSON.parse(sessionStorage.seen ?? "[]");
  const note = (what) => {
    seen.push([what, performance.timeOrigin + performance.now()]);
    sessionStorage.seen = JSON.stringify(seen.slice(-200));
  };
  addEventListener("DOMContentLoaded", () => note("loaded " + location.pathname));
  addEventListener("click", ({ target }) => note("click " + target.id), true);
  addEventListener("scroll", () => note("scroll"), true);
  addEventListener("input", ({ target }) => {
    if (target.id === "search") note("input " + target.value);
    if (target.id === "search") document.querySelector("#echo").textContent = target.value;
  }, true);
  let count = 0;
  addEventListener("click", ({ target }) => {
    if (target.id === "add") document.querySelector("#count").textContent = ++count;
  });`;

/** A shop that the demo shares: links, a form with secrets, a region that is nobody's business. */
export class DemoSite implements AsyncDisposable {
  readonly url: string;
  readonly origin: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(pages: Readonly<Record<string, string>> = PAGES) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        const { pathname } = new URL(request.url);
        const body = Object.hasOwn(pages, pathname) ? pages[pathname]! : undefined;
        if (body === undefined) return new Response("not found\n", { status: 404 });
        return new Response(pageOf(pathname, body), {
          headers: { "content-type": "text/html; charset=utf-8" },
        });
      },
    );
    this.origin = `http://127.0.0.1:${this.#server.addr.port}`;
    this.url = `${this.origin}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const PAGES = {
  "/": `<h1>Garden chairs</h1>
<section><p>In your basket: <b id="count">0</b></p><button id="add">Add a chair</button>
<p><a id="next" href="/checkout">To the checkout</a></p></section>
<h2>All chairs</h2><label>Look for <input id="search"></label><p id="echo"></p>
<div class="tall"></div>`,
  "/checkout": `<h1>Checkout</h1>
<form><label>Name <input id="name" autocomplete="name"></label>
<label>Card <input id="card" autocomplete="cc-number"></label>
<label>Password <input id="password" type="password"></label>
<label>Account <input id="iban" class="iban"></label>
<label>Delivery <select id="when"><option>today</option><option>tomorrow</option></select></label>
</form><p class="payroll">Salary of Anna: 4711</p>
<p><button id="add">One more</button> <b id="count">0</b></p>
<p><a id="back" href="/">Back</a></p>`,
};

function pageOf(path: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${path}</title>` +
    `<style>${STYLE}</style><script>${SCRIPT}</script></head><body>` +
    `<nav><a href="/">Shop</a><a href="/checkout">Checkout</a></nav>${body}</body></html>`;
}
