import assert from "node:assert/strict";
import mirror from "../../../runtime/capabilities/browser/page/mirror.js" with { type: "text" };

/** What rrweb calls the whole page, and a change of it. */
const FULL = 2;
const CHANGE = 3;

/** A page whose recorder and clock are moved by hand. */
class RecordedPage {
  readonly sent: number[] = [];
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];
  #emit!: (event: { type: number; size: number }) => void;

  /** @param size Characters of the page as a whole. */
  constructor(size: number) {
    const page = {
      REGION: "none",
      recorded: (event: unknown) => event,
      send: ({ event }: { event: { type: number; size: number } }) => {
        this.sent.push(event.type);
        return event.size;
      },
      beginMirror(_record: unknown) {},
    };
    const record = Object.assign(({ emit }: { emit: RecordedPage["tell"] }) => {
      this.#emit = emit;
      emit({ type: FULL, size });
      return () => {};
    }, { mirror: {}, takeFullSnapshot: () => this.tell({ type: FULL, size }) });
    const around = {
      performance: { now: () => this.#now },
      document: { readyState: "loading" },
      setTimeout: (run: () => void, ms: number) => this.#timers.push({ at: this.#now + ms, run }),
    };
    const names = Object.keys(around);
    new Function(
      "page",
      ...names,
      mirror.replace(/^(?:\/\/.*\n)+/, "").replace(/;\s*$/, "(page);"),
    )(
      page,
      ...Object.values(around),
    );
    page.beginMirror(record);
  }

  tell(event: { type: number; size: number }): void {
    this.#emit(event);
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

Deno.test("a large page that stands still is told as a whole once", () => {
  const page = new RecordedPage(9_000_000);
  for (let second = 0; second < 60; second++) page.pass(1_000);
  assert.deepEqual(page.sent, [FULL]);
  page.tell({ type: CHANGE, size: 100 });
  assert.deepEqual(page.sent, [FULL, CHANGE]);
});

Deno.test("what a page changes too fast is left out, and told as a whole when there is room", () => {
  const page = new RecordedPage(1_000);
  for (let i = 0; i < 10; i++) page.tell({ type: CHANGE, size: 1_000_000 });
  assert.deepEqual(page.sent, [FULL, ...Array(4).fill(CHANGE)]);
  page.pass(500);
  assert.equal(page.sent.length, 5);
  page.pass(1_000);
  assert.deepEqual(page.sent.slice(5), [FULL]);
});
