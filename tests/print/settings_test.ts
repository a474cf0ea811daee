import assert from "node:assert/strict";
import { PrintError } from "../../scripts/print/errors.ts";
import { QUEUE_DEFAULTS, readSettings } from "../../scripts/print/settings.ts";

const PRINTER = { printer: "ipp://192.168.1.20/ipp/print" };
const AGENT = { agent: "copier", queue: "office" };

Deno.test("readSettings() reads queues, and fills in what they do not say", () => {
  const { queues, defaultQueue } = readSettings({
    default: "far",
    queues: { office: { ...PRINTER, keep: "1.5 h", "max-document": "2 MB" }, far: AGENT },
  });
  assert.equal(defaultQueue, "far");
  assert.deepEqual(queues.get("office"), {
    name: "office",
    info: "office",
    location: "",
    ...QUEUE_DEFAULTS,
    keepMs: 5_400_000,
    documentBytes: 2_000_000,
    target: { kind: "printer", uri: PRINTER.printer, url: "http://192.168.1.20:631/ipp/print" },
  });
  assert.deepEqual(queues.get("far")!.target, { kind: "agent", ...AGENT });
  assert.equal(readSettings(undefined).queues.size, 0);
  assert.equal(readSettings({ queues: { office: PRINTER } }).defaultQueue, "office");
});

Deno.test("readSettings() refuses", async (t) => {
  const queue = (said: unknown) => ({ queues: { office: said } });
  const cases: [name: string, good: unknown, bad: unknown][] = [
    ["what is no mapping", {}, []],
    ["an unknown key", {}, { queue: {} }],
    ["a default that is no queue", { ...queue(PRINTER), default: "office" }, {
      ...queue(PRINTER),
      default: "attic",
    }],
    ["a queue without a target", queue(PRINTER), queue({})],
    ["two targets", queue(AGENT), queue({ ...AGENT, ...PRINTER })],
    ["another agent without its queue", queue(AGENT), queue({ agent: "copier" })],
    ["an unknown key of a queue", queue(PRINTER), queue({ ...PRINTER, color: true })],
    ["a printer of another scheme", queue(PRINTER), queue({ printer: "http://192.168.1.20/" })],
    ["a time without a unit", queue({ ...PRINTER, keep: "1 s" }), queue({ ...PRINTER, keep: 1 })],
    ["a size as time", queue({ ...PRINTER, keep: "1 s" }), queue({ ...PRINTER, keep: "1 MB" })],
    ["no jobs", queue({ ...PRINTER, jobs: 1 }), queue({ ...PRINTER, jobs: 0 })],
    ["a name with a slash", queue(PRINTER), { queues: { "a/b": PRINTER } }],
    ["a name that means something else", queue(PRINTER), { queues: { jobs: PRINTER } }],
  ];
  for (const [name, good, bad] of cases) {
    await t.step(name, () => {
      readSettings(good);
      assert.throws(
        () => readSettings(bad),
        (error) => error instanceof PrintError && error.code === "bad_settings",
      );
    });
  }
});
