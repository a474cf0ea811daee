/** What a browser did at a {@linkcode VisitedSite}. */
interface Visit {
  /** Each life of a browser has a number of its own. */
  readonly who: string;
  readonly what: string;
}

/** In each of its pages: tells the site what was done there. */
const TELL = `<script>
  const tell = (what) => fetch("/told", { method: "POST", body: what, keepalive: true });
  addEventListener("input", ({ target }) => tell(target.id + " " + target.value), true);
  addEventListener("click", ({ target }) => tell("click " + target.id), true);
</script>`;

/** A site that knows its visitors apart by a cookie, and what each of their pages tells it. */
export class VisitedSite implements AsyncDisposable {
  readonly origin: string;
  readonly url: string;
  readonly visits: Visit[] = [];
  readonly #pages: Readonly<Record<string, string>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #visitors = 0;

  constructor(pages: Readonly<Record<string, string>>) {
    this.#pages = pages;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.origin = `http://127.0.0.1:${this.#server.addr.port}`;
    this.url = `${this.origin}/`;
  }

  /** Who told something, one by one. */
  who(what: string): string[] {
    return [...new Set(this.visits.filter((visit) => visit.what === what).map(({ who }) => who))];
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, known] = /who=(\d+)/.exec(request.headers.get("cookie") ?? "") ?? [];
    const who = known ?? String(++this.#visitors);
    const what = pathname === "/told" ? await request.text() : pathname;
    this.visits.push({ who, what });
    const body = Object.hasOwn(this.#pages, pathname) ? this.#pages[pathname]! : undefined;
    const headers = { "content-type": "text/html; charset=utf-8", "set-cookie": `who=${who}` };
    if (body === undefined) return new Response(null, { status: 204, headers });
    return new Response(`<!doctype html><title>${pathname}</title>${TELL}${body}`, { headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
