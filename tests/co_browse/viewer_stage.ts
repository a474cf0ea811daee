import type { BrowserEvent, BrowserInput, BrowserSession, Script } from "writ";
import { bundleScript } from "../../runtime/author/bundle/bundle_script.ts";
import { readInvitation } from "../../scripts/co-browse/keys.ts";
import type { Input } from "../../scripts/co-browse/script.ts";
import type { Person } from "../../scripts/co-browse/wire/host_message.ts";
import { Browser } from "../hub/console/browser.ts";
import { until } from "../until.ts";
import { Tap } from "./tap.ts";

const SCRIPT = new URL("../../scripts/co-browse", import.meta.url).pathname;
const MOUNT = "/s/acme/co-browse";
const SITE = "https://shop.example";
const ANNA = "writ-key:anna";

/** A page as its recorder has it: a heading, a link, a field that is masked, and one that is not. */
function recorded(title: string): unknown[] {
  let ids = 1;
  const text = (textContent: string) => ({ id: ++ids, type: 3, textContent });
  const element = (tagName: string, attributes: object, ...childNodes: unknown[]) => ({
    id: ++ids,
    type: 2,
    tagName,
    attributes,
    childNodes,
  });
  const body = element(
    "body",
    {},
    element("h1", { id: "title" }, text(title)),
    element("p", {}, text("Three pieces are left")),
    element("a", { href: "/buy", id: "buy" }, text("Buy")),
    element("input", { id: "iban", "aria-label": "Account", value: "••••••" }),
    element("input", { id: "note", "aria-label": "Note", value: "" }),
  );
  const html = element("html", { lang: "en" }, element("head", {}), body);
  return [
    { type: 4, data: { href: SITE, width: 1_280, height: 800 } },
    {
      type: 2,
      data: {
        node: { id: 1, type: 0, childNodes: [html] },
        initialOffset: { left: 0, top: 0 },
      },
    },
  ];
}

type Told = Extract<BrowserEvent, { type: "tab" | "navigation" }> extends infer E
  ? E extends BrowserEvent ? Omit<E, "tab" | "n" | "at"> : never
  : never;

/** A shared browser that is none: it says what pages it has, and writes down what is asked of it. */
class FakeBrowser {
  readonly applied: BrowserInput[] = [];
  readonly marked: (Parameters<BrowserSession["highlight"]>)[] = [];
  readonly #events = new TransformStream<BrowserEvent, BrowserEvent>(undefined, {
    highWaterMark: 100,
  });
  readonly #teller = this.#events.writable.getWriter();
  #active = 1;
  #n = 0;

  readonly session = {
    events: () => this.#events.readable,
    snapshot: () =>
      Promise.resolve({
        url: SITE,
        document: `d${this.#active}`,
        n: this.#n,
        json: JSON.stringify(recorded(`Page ${this.#active}`)),
      }),
    state: () => Promise.resolve([]),
    apply: (input: BrowserInput) => Promise.resolve(this.#apply(input)),
    highlight: (...call: Parameters<BrowserSession["highlight"]>) =>
      Promise.resolve(void this.marked.push(call)),
    point: () => Promise.resolve(),
    sign: () => Promise.resolve(),
    close: () => this.#teller.close(),
  };

  /** The page that is looked at is somewhere from now on. */
  arrives(url: string): void {
    this.#tell({ type: "navigation", url, document: `d${this.#active}`, applied: true });
  }

  turns(action: "opened" | "active", tab: number, url = ""): void {
    this.#active = tab;
    this.#tell({ type: "tab", action, url });
  }

  #tell(event: Told): void {
    this.#teller.write({ ...event, tab: this.#active, n: ++this.#n, at: 0 }).catch(() => {});
  }

  #apply(input: BrowserInput) {
    this.applied.push(input);
    if (input.type === "input") return { applied: false, why: "masked" as const };
    if (input.type === "tab") this.turns("active", input.tab);
    return { applied: true, path: "#buy" };
  }
}

/**
 * The pages of the script in a real browser, as an agent serves them; what they show is shared by a
 * browser that a test plays.
 */
export class ViewerStage implements AsyncDisposable {
  readonly browser: Browser;
  readonly shared = new FakeBrowser();
  readonly endpoint: string;
  readonly #script: Required<Script<Input>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stop = new AbortController();
  readonly #sharing: Promise<unknown>;

  private constructor(script: Required<Script<Input>>, browser: Browser) {
    this.browser = browser;
    this.#script = script;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}${MOUNT}`;
    const url = `${SITE}/`;
    this.#sharing = Promise.resolve(
      this.#script.run({ do: "share", url }, this.#context() as never),
    );
    this.#sharing.catch(() => {});
  }

  static async open(): Promise<ViewerStage> {
    const { javascript } = await bundleScript(SCRIPT, "mod.ts");
    const { default: script } = await import(
      `data:text/javascript;base64,${javascript.toBase64()}`
    );
    const stage = new ViewerStage(script, await Browser.start());
    await until(() => stage.people().then(() => true, () => false));
    stage.shared.arrives(`${SITE}/`);
    stage.shared.turns("opened", 2, `${SITE}/two`);
    stage.shared.turns("active", 1);
    return stage;
  }

  /** Does what an order asks for. */
  async do<T>(input: Input): Promise<T> {
    return await this.#script.run(input, this.#context() as never) as T;
  }

  async people(): Promise<Person[]> {
    return (await this.do<{ people: Person[] }>({ do: "status" })).people;
  }

  /** Waits until somebody is in a role. */
  async who(name: string, role: Person["role"]): Promise<Person> {
    const find = async () =>
      (await this.people()).find((one) => one.name === name && one.role === role);
    await until(async () => await find() !== undefined);
    return (await find())!;
  }

  /** Waits until an expression is true in the frame of what is shared. */
  async untilInFrame(expression: string): Promise<void> {
    // Between two documents there is none to ask.
    await until(() => this.browser.evalInFrame<boolean>(expression).catch(() => false));
  }

  async invitation(rights: "watch" | "drive" = "drive"): Promise<string> {
    return (await this.do<{ invitation: string }>({ do: "invite", rights })).invitation;
  }

  async admit(name: string): Promise<string> {
    const { id } = await this.who(name, "waiting");
    await this.do({ do: "admit", person: id });
    return id;
  }

  /** Somebody without a page, who waits to be let in. */
  async comes(name: string): Promise<Tap> {
    const invited = readInvitation(await this.invitation())!;
    return await Tap.at(this.endpoint, { t: "hello", v: 1, ...invited, name, kind: "web" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sharing.catch(() => {});
    await this.browser[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }

  /** As an agent does: a page of a script is nobody's, and is known by a word of its own. */
  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    url.pathname = url.pathname.slice(MOUNT.length);
    const headers = new Headers(request.headers);
    headers.set("writ-page", "page");
    const context = {
      ...this.#context(),
      caller: { kind: "loopback", address: "127.0.0.1" },
      upgradeWebSocket: () => Deno.upgradeWebSocket(request),
    };
    const response = await this.#script.fetch(new Request(url, { headers }), context as never);
    if (response.status !== 101) {
      response.headers.append("content-security-policy", "sandbox allow-scripts allow-forms");
    }
    return response;
  }

  #context() {
    return {
      browser: { open: () => Promise.resolve(this.shared.session) },
      settings: { name: "Anna" },
      agent: { id: ANNA },
      script: { publisher: "acme", name: "co-browse", version: "1.0.0" },
      signal: this.#stop.signal,
      log: { warn() {} },
      emit() {},
      progress() {},
    };
  }
}
