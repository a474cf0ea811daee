import type { RunEvent } from "../../../sandbox/mod.ts";
import { pause, PersonsChromium } from "./chromium.ts";
import { CoBrowseOffice, type LastingRun } from "./office.ts";
import type { Page } from "./page.ts";
import { DemoSite } from "./site.ts";

const PATIENCE_MS = 60_000;
/** Of the window in which somebody sees the shared page without an agent. */
const WINDOW = { width: 1_280, height: 860 };

/** Who is in a session, as the script says. */
interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly ms: number | null;
}

interface Browsers {
  /** Nothing where the agent starts one. */
  readonly anna: PersonsChromium | undefined;
  readonly ben: PersonsChromium | undefined;
  readonly guest: PersonsChromium;
}

/** What is looked at. */
export interface PartySite extends AsyncDisposable {
  readonly origin: string;
  readonly url: string;
}

/** How a {@linkcode CoBrowseParty} is set up. */
export interface PartyOptions {
  readonly site?: PartySite;
  /** Of the grant: `control: "free"`, say. */
  readonly settings?: object;
  /** What is masked and hidden in Anna's grant, besides what always is. */
  readonly mask?: readonly string[];
  readonly hide?: readonly string[];
  /** Whose Chromium is started by the agent, and has nobody sitting before it. */
  readonly own?: readonly ("anna" | "ben")[];
}

/**
 * Anna and Ben, each with an agent and a Chromium of their own, and a third Chromium for whoever has
 * nothing but a link; and the site that they look at.
 */
export class CoBrowseParty implements AsyncDisposable {
  readonly site: PartySite;
  readonly office: CoBrowseOffice;
  readonly #stack: AsyncDisposableStack;
  readonly #browsers: Browsers;
  /** The run that shares. */
  sharing: LastingRun | undefined;
  /** Ben's, that follows. */
  following: LastingRun | undefined;

  private constructor(
    stack: AsyncDisposableStack,
    parts: { site: PartySite; office: CoBrowseOffice; browsers: Browsers },
  ) {
    this.#stack = stack;
    this.site = parts.site;
    this.office = parts.office;
    this.#browsers = parts.browsers;
  }

  static async open(options: PartyOptions = {}): Promise<CoBrowseParty> {
    const { settings, mask = [".iban"], hide = [".payroll"], own = [] } = options;
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "writ-browsers-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    await Deno.chmod(folder, 0o711);
    const site = stack.use(options.site ?? new DemoSite());
    const browser = async () => stack.use(await PersonsChromium.start(folder));
    const browsers = {
      anna: own.includes("anna") ? undefined : await browser(),
      ben: own.includes("ben") ? undefined : await browser(),
      guest: await browser(),
    };
    const urls = [{ origin: site.origin, internal: true }];
    const lent = (name: "anna" | "ben") =>
      JSON.stringify({ urls, mask, hide, attach: browsers[name]?.address });
    const desks = [{ name: "anna", browser: lent("anna") }, { name: "ben", browser: lent("ben") }];
    const office = stack.use(await CoBrowseOffice.open(desks, settings));
    return new CoBrowseParty(stack.move(), { site, office, browsers });
  }

  /** Anna shares the site; her page. */
  async share(): Promise<Page> {
    await this.begin();
    return await this.pageOf("anna", this.site.url);
  }

  /** The same, wherever her page is. */
  async begin(): Promise<void> {
    const { url } = this.site;
    const sharing = this.sharing = await this.office.begin("anna", { do: "share", url });
    let ended: unknown;
    sharing.ended.then((outcome) => ended = outcome, (error) => ended = error);
    const hasBegun = () => sharing.events.some((event) => (event as RunEvent).type === "progress");
    for (const late = Date.now() + PATIENCE_MS; !hasBegun(); await pause(20)) {
      if (ended === undefined && Date.now() <= late) continue;
      throw new Error(`nothing is shared: ${Deno.inspect(ended)}`);
    }
  }

  /** Anna invites somebody: a line for an agent, and the path of a page. */
  async invite(rights: "watch" | "drive" = "drive"): Promise<{ invitation: string; page: string }> {
    return await this.office.do("anna", { do: "invite", rights });
  }

  /** Ben joins with his own browser and is let in; his page, once it is where Anna's is. */
  async joinBen(): Promise<Page> {
    await this.followWithBen();
    const page = await this.pageOf("ben", this.site.url);
    await page.until("document.readyState === 'complete'");
    // Until it has what it needs to follow: a sign, too.
    await page.until("document.querySelector('writ-overlay')");
    return page;
  }

  /** The same, wherever his page is. */
  async followWithBen(): Promise<void> {
    const { invitation } = await this.invite();
    this.following = await this.office.begin("ben", {
      do: "join",
      peer: "anna",
      invitation,
      name: "Ben",
    });
    await this.admit("Ben");
  }

  /** Somebody opens the link in a plain browser, and is let in; their page, once it shows Anna's. */
  async joinByLink(name: string, size = WINDOW): Promise<Page> {
    const { page: path } = await this.invite();
    const page = await this.#browsers.guest.open(`${this.#endpoint}/${path}`, size);
    await page.until("document.querySelector('#name')");
    await page.evaluate(`document.querySelector('#name').value = ${JSON.stringify(name)};
      document.querySelector('#door button').click()`);
    await this.admit(name);
    await page.until("document.body.childElementCount > 0 && document.body.innerText", "frame");
    return page;
  }

  /** Anna gives Ben control, and his browser knows of it. */
  async giveBen(): Promise<void> {
    const { id } = await this.#until(({ name }) => name === "Ben");
    await this.office.do("anna", { do: "give", person: id });
    const isLeading = () => {
      const said = this.following!.events.filter((event) =>
        (event as RunEvent).type === "progress"
      );
      return (said.at(-1) as { message?: string }).message === "You have control";
    };
    for (const late = Date.now() + PATIENCE_MS; !isLeading(); await pause(20)) {
      if (Date.now() > late) throw new Error("Ben has no control");
    }
  }

  /** A page of somebody's browser, as soon as it is there. */
  async pageOf(who: "anna" | "ben", url: string): Promise<Page> {
    return await this.#of(who).pageAt(url);
  }

  /** Where somebody's browser is, page by page. */
  async pagesOf(who: "anna" | "ben"): Promise<string[]> {
    return await this.#of(who).urls();
  }

  /** Anna lets in whoever waits under a name. */
  async admit(name: string): Promise<string> {
    const { id } = await this.#until((one) => one.name === name && one.role === "waiting");
    await this.office.do("anna", { do: "admit", person: id });
    return id;
  }

  /** The page at which Anna invites and stops. */
  async desk(): Promise<Page> {
    return await this.#browsers.guest.open(`${this.#endpoint}/`, WINDOW);
  }

  async people(): Promise<Person[]> {
    return (await this.office.do<{ people: Person[] }>("anna", { do: "status" })).people;
  }

  #of(who: "anna" | "ben"): PersonsChromium {
    const browser = this.#browsers[who];
    if (browser) return browser;
    throw new Error(`nobody sits before the browser of ${who}`);
  }

  get #endpoint(): string {
    return this.office.get("anna").endpoint;
  }

  /** Waits for somebody. */
  async #until(is: (person: Person) => boolean): Promise<Person> {
    const late = Date.now() + PATIENCE_MS;
    while (Date.now() < late) {
      const found = (await this.people()).find(is);
      if (found) return found;
      await pause(50);
    }
    throw new Error("nobody came");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
