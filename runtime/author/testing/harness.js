// Stands for "writ/test" inside the cell: collects tests, then runs them one after another.
const tests = [];

/** Registers a test. */
export function test(name, fn) {
  if (typeof name !== "string" || name === "") throw new TypeError("a test needs a name");
  if (typeof fn !== "function") throw new TypeError(`test "${name}" has no function`);
  tests.push({ name, fn });
}

/** Runs those whose name holds `filter`; each tells as it begins and as it ends. */
export async function runTests({ filter }, ctx) {
  const chosen = tests.filter(({ name }) => name.includes(filter));
  let failed = 0;
  for (const { name, fn } of chosen) {
    ctx.emit("test", { name, state: "begun" });
    const begun = performance.now();
    let error;
    try {
      await fn(ctx);
    } catch (thrown) {
      failed++;
      error = thrown instanceof Error ? thrown.stack ?? String(thrown) : String(thrown);
    }
    const ms = Math.round(performance.now() - begun);
    ctx.emit("test", { name, state: error === undefined ? "ok" : "failed", ms, error });
  }
  return { tests: tests.length, passed: chosen.length - failed, failed };
}
