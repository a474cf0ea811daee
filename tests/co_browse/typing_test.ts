import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Follower } from "../../scripts/co-browse/guest/follower.ts";
import { receive } from "../../scripts/co-browse/host/reception.ts";
import { SharedBrowser } from "../../scripts/co-browse/host/shared_browser.ts";
import type { Link } from "../../scripts/co-browse/link/link.ts";
import { newKey, newSessionId } from "../../scripts/co-browse/keys.ts";
import { until } from "../until.ts";
import { BrowserByHand } from "./browser_by_hand.ts";

const URL = "https://shop.example/";

/** What happens next: somebody types, or what is on its way arrives. */
const STEPS = [
  "anna types",
  "ben types",
  "anna acts",
  "ben acts",
  "anna is heard",
  "ben is heard",
  "host hears",
  "guest hears",
  "ben is refused",
  "a while",
] as const;
type Step = (typeof STEPS)[number];
const ARRIVE = STEPS.filter((step) => / (?:acts|is heard|hears)$/.test(step));

/** Two browsers in one session, between which nothing moves but by a step. */
class Pair implements Disposable {
  readonly anna = new BrowserByHand(URL);
  readonly ben = new BrowserByHand(URL);
  readonly #shared: SharedBrowser;
  readonly #follower: Follower;
  readonly #toHost: string[] = [];
  readonly #toGuest: string[] = [];
  readonly #atHost;
  readonly #atGuest;
  readonly #clock = performance.now;
  #passed = 0;
  #typed = 0;

  constructor() {
    performance.now = () => this.#clock.call(performance) + this.#passed;
    const desk = { tell() {}, audit() {} };
    const id = newSessionId();
    const options = { id, name: "Anna", isFree: true, now: () => performance.now(), newKey };
    this.#shared = new SharedBrowser(this.anna.session, options, desk);
    this.#atHost = receive(this.#shared.session, linkTo(this.#toGuest));
    const { key } = this.#shared.session.invite("drive");
    this.#follower = new Follower({
      session: id,
      key,
      name: "Ben",
      open: () => Promise.resolve(this.ben.session),
      onState() {},
      onPage() {},
    });
    this.#atGuest = this.#follower.connect(linkTo(this.#toHost));
  }

  /** Two of a session, the second of whom has control. */
  static async open(): Promise<Pair> {
    const pair = new Pair();
    void pair.#shared.share(URL);
    await pair.settle();
    pair.#shared.session.admit("p1");
    pair.#shared.session.give("p1");
    await pair.settle();
    return pair;
  }

  async do(step: Step): Promise<void> {
    this.#act(step);
    for (let turn = 0; turn < 30; turn++) await undefined;
  }

  /** Until nothing is on its way any more. */
  async settle(): Promise<void> {
    for (let still = 0; still < 2; still++) {
      for (const step of ARRIVE) await this.do(step);
      const waits = this.#toHost.length + this.#toGuest.length > 0;
      if (waits || !this.anna.isIdle || !this.ben.isIdle) still = -1;
    }
  }

  #act(step: Step): void {
    switch (step) {
      case "anna types":
        return this.anna.type(this.#letter());
      case "ben types":
        return this.ben.type(this.#letter());
      case "anna acts":
        return this.anna.act();
      case "ben acts":
        return this.ben.act();
      case "anna is heard":
        return this.anna.tell();
      case "ben is heard":
        return this.ben.tell();
      case "host hears":
        return this.#toHost.splice(0).forEach((text) => this.#atHost.take(text));
      case "guest hears":
        return this.#toGuest.splice(0).forEach((text) => this.#atGuest.take(text));
      // Of something else: he asks how all is over there, as after what did not count.
      case "ben is refused":
        return this.#shared.session.refuse(this.#shared.session.present[0]!, "gone");
      case "a while":
        this.#passed += 2_000;
    }
  }

  #letter(): string {
    return String.fromCodePoint(0x61 + this.#typed++ % 26);
  }

  [Symbol.dispose](): void {
    this.#follower.leave();
    this.#shared.stop();
    performance.now = this.#clock;
  }
}

function linkTo(texts: string[]): Link {
  return { waiting: 0, send: (text) => texts.push(text), close() {} };
}

async function run(steps: readonly Step[]): Promise<Record<"anna" | "ben", string>> {
  using pair = await Pair.open();
  for (const step of steps) await pair.do(step);
  await pair.settle();
  return { anna: pair.anna.value, ben: pair.ben.value };
}

Deno.test("a letter that is typed while an older word about the field is on its way stays", async (t) => {
  /** Until Anna's browser has what Ben typed, and she has been heard. */
  const through = ["ben is heard", "host hears", "anna acts"] as const;
  const cases: Record<string, { steps: Step[]; is: string }> = {
    "the state that he asked for before": {
      steps: [
        ...["ben is refused", "guest hears", "host hears", "anna acts", "ben types"] as const,
        ...["a while", "guest hears", "ben acts", "ben acts", "ben types"] as const,
      ],
      is: "ab",
    },
    "the state that is compared with his": {
      steps: [
        ...["ben types", ...through, "a while", "ben is refused", "guest hears"] as const,
        ...["host hears", "anna acts", "guest hears", "ben types", "ben acts", "ben acts"] as const,
        ...["ben types", ...through] as const,
      ],
      is: "abc",
    },
    "what Anna typed before": {
      steps: ["anna types", "anna is heard", "guest hears", "ben types", "ben acts", "ben types"],
      is: "bc",
    },
  };
  for (const [name, { steps, is }] of Object.entries(cases)) {
    await t.step(name, async () => assert.deepEqual(await run(steps), { anna: is, ben: is }));
  }
});

Deno.test("whatever arrives when, all that one person types stands in both browsers", async () => {
  const bens = STEPS.filter((step) => step !== "anna types");
  const steps = fc.array(fc.constantFrom(...bens), { minLength: 30, maxLength: 90 });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const letters = steps.filter((step) => step === "ben types");
      const typed = letters.map((_, i) => String.fromCodePoint(0x61 + i % 26)).join("");
      assert.deepEqual(await run(steps), { anna: typed, ben: typed });
    }),
  );
});

Deno.test("whatever arrives when, two who type into one field end with the same", async () => {
  const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 30, maxLength: 90 });
  await fc.assert(fc.asyncProperty(steps, async (steps) => {
    const { anna, ben } = await run(steps);
    assert.equal(anna, ben);
  }));
});

Deno.test("who could not do what was done elsewhere asks how all is there", async () => {
  using pair = await Pair.open();
  pair.ben.isLoaded = false;
  for (const step of ["anna types", "anna is heard", "guest hears", "ben acts"] as const) {
    await pair.do(step);
  }
  pair.ben.isLoaded = true;
  await until(async () => {
    await pair.settle();
    return pair.ben.value === "a";
  });
});
