import assert from "node:assert/strict";
import { OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { Browser } from "../hub/console/browser.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { ippRequest, post } from "../print/queue_client.ts";
import { answer, TestPrinter } from "../print/test_printer.ts";
import { QueueAgent } from "./queue_agent.ts";

/** A real browser at the page of an agent whose printer is busy, so that jobs wait. */
class Desk implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly agent: QueueAgent;
  readonly browser: Browser;

  private constructor(agent: QueueAgent, browser: Browser, stack: AsyncDisposableStack) {
    this.agent = agent;
    this.browser = browser;
    this.#stack = stack;
  }

  static async open(): Promise<Desk> {
    await using stack = new AsyncDisposableStack();
    const printer = stack.use(new TestPrinter());
    printer.says[OPERATION.createJob] = (request) => answer(request, STATUS.busy);
    const office = { printer: printer.uri, info: "Second floor", location: "by the stairs" };
    const address = new URL(printer.uri.replace("ipp:", "http:")).host;
    const settings = { queues: { office } };
    const agent = stack.use(await QueueAgent.start({ printers: [address], settings }));
    const browser = stack.use(await Browser.start());
    return new Desk(agent, browser, stack.move());
  }

  async print(name: string): Promise<void> {
    const { uri } = this.agent;
    const request = ippRequest(OPERATION.printJob, [
      ["job-name", TAG.name, name],
      ["document-format", TAG.mime, "text/plain"],
    ], { uri });
    assert.equal((await post(uri.replace("ipp:", "http:"), request, "text")).code, STATUS.ok);
  }

  async look(): Promise<void> {
    await this.browser.open(`${this.agent.url}/s/acme/print/`);
    await this.live().catch((error) => {
      throw new Error(this.browser.complaints.join("\n"), { cause: error });
    });
  }

  /** The page's script runs, and hears the agent. */
  async live(): Promise<void> {
    await this.browser.until("document.querySelector('#live').textContent === 'Live'");
  }

  async stateIs(job: number, state: string): Promise<void> {
    await this.browser.until(
      `document.querySelector('[data-job="${job}"]')?.dataset.state === "${state}"`,
    );
  }

  /** Presses a key as a hand does. */
  async press(key: string, code: number): Promise<void> {
    const text = key === "Enter" ? "\r" : "";
    const stroke = { key, code: key, windowsVirtualKeyCode: code, ...text && { text } };
    await this.browser.send("Input.dispatchKeyEvent", { type: "keyDown", ...stroke });
    await this.browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...stroke });
  }

  /** Goes from one thing to the next until what has the focus is called so. */
  async tabTo(name: string): Promise<void> {
    const focus =
      "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText";
    for (let steps = 0; steps < 20; steps++) {
      await this.press("Tab", 9);
      if (await this.browser.eval<string>(focus) === name) return;
    }
    assert.fail(`no way by Tab to "${name}"`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

Deno.test({
  name: "Chromium shows a queue live, and holds, releases and cancels its jobs",
  ...withoutChromium,
  async fn(t) {
    await using desk = await Desk.open();
    const { browser } = desk;
    await desk.look();
    assert.match(await browser.text(), /Second floor\n[\s\S]*by the stairs[\s\S]*No jobs/);
    await t.step("a job appears by itself", async () => {
      await desk.print("report <b>1</b>");
      await desk.stateIs(1, "pending");
      await desk.print("two");
      await desk.stateIs(2, "pending");
      assert.match(await browser.text(), /report <b>1<\/b>/);
      // Also behind what it has told of jobs.
      await desk.live();
    });
    await t.step("by the mouse", async () => {
      await browser.go(() => browser.click('form[action^="jobs/2/hold?"] button'));
      await desk.stateIs(2, "held");
      await browser.go(() => browser.click('form[action^="jobs/2/release?"] button'));
      await desk.stateIs(2, "pending");
    });
    await t.step("by the keyboard alone", async () => {
      await desk.look();
      await desk.tabTo("Skip to the queues");
      await desk.tabTo("Hold: job 2, two");
      const outline = await browser.eval("getComputedStyle(document.activeElement).outlineStyle");
      assert.notEqual(outline, "none", "the focus is seen");
      await browser.go(() => desk.press("Enter", 13));
      await desk.stateIs(2, "held");
      await desk.tabTo("Cancel: job 2, two");
      await browser.go(() => desk.press("Enter", 13));
      await desk.stateIs(2, "canceled");
    });
    assert.deepEqual(browser.complaints, []);
  },
});

Deno.test({
  name: "Chromium reads the queues' page to the blind, and on a phone",
  ...withoutChromium,
  async fn(t) {
    await using desk = await Desk.open();
    const { browser } = desk;
    await desk.print(`a-long-name-without-a-gap-${"x".repeat(120)}.pdf`);
    await desk.look();
    const has = async (role: string, name: RegExp) => {
      const names = await browser.names();
      const found = names.some((node) => node.role === role && name.test(node.name));
      assert.ok(found, `no ${role} ${name} in ${JSON.stringify(names.slice(0, 60))}`);
    };
    for (const width of [1280, 375]) {
      await t.step(`${width} px wide`, async () => {
        await browser.look(width, 800);
        await has("heading", /^Print queues$/);
        await has("main", /^/);
        await has("status", /^/);
        await has("region", /^Second floor$/);
        await has("table", /^Jobs of Second floor, the newest first$/);
        await has("rowheader", /^1$/);
        await has("button", /^Cancel: job 1, a-long-name/);
        const beside =
          "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert.equal(await browser.eval<number>(beside), 0, "it does not scroll sideways");
        const small = `[...document.querySelectorAll("button")]
          .filter((button) => button.getBoundingClientRect().height < 44).length`;
        assert.equal(await browser.eval<number>(small), 0, "buttons are large enough for a thumb");
      });
    }
    assert.deepEqual(browser.complaints, []);
  },
});
