// Honest output becomes log events; a raw write to fd 1 would end the run as `protocol`.

export const post = self.postMessage.bind(self);
export const inspect = Deno.inspect;
const decoder = new TextDecoder();

const format = (args) =>
  args.map((x) => typeof x === "string" ? x : inspect(x, { depth: 6 })).join(" ");
export const log = (level, args, id = 0) => post({ t: "log", id, level, text: format(args) });

const levels = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };
const output = globalThis.console;
for (const [method, level] of Object.entries(levels)) {
  output[method] = (...args) => log(level, args);
}
output.trace = (...args) => log("debug", args);
output.dir = (value) => log("info", [value]);
output.table = (value) => log("info", [value]);
output.assert = (ok, ...args) => ok || log("error", ["Assertion failed", ...args]);
output.clear = () => {};

const sink = (level) => (chunk) => {
  const text = typeof chunk === "string" ? chunk : decoder.decode(chunk);
  log(level, [text.endsWith("\n") ? text.slice(0, -1) : text]);
  return chunk.length;
};
for (const [stream, level] of [["stdout", "info"], ["stderr", "error"]]) {
  const write = sink(level);
  Object.defineProperty(Deno, stream, {
    value: {
      write: (chunk) => Promise.resolve(write(chunk)),
      writeSync: write,
      isTerminal: () => false,
      close() {},
      // Made when asked for: the first stream of a realm costs 4 ms.
      get writable() {
        return new WritableStream({ write: (chunk) => void write(chunk) });
      },
    },
  });
}
// Reading `process` loads node:process (milliseconds and megabytes), so it is patched when asked for.
const nodeProcess = Object.getOwnPropertyDescriptor(globalThis, "process");
Object.defineProperty(globalThis, "process", {
  configurable: true,
  enumerable: nodeProcess.enumerable,
  set: nodeProcess.set,
  get() {
    const process = nodeProcess.get.call(globalThis);
    for (const [stream, level] of [["stdout", "info"], ["stderr", "error"]]) {
      const write = sink(level);
      const fake = {
        isTTY: false,
        write(chunk, encoding, done) {
          write(chunk);
          (typeof encoding === "function" ? encoding : done)?.();
          return true;
        },
        end(chunk) {
          if (chunk !== undefined) write(chunk);
        },
        on: () => fake,
        once: () => fake,
        emit: () => false,
      };
      Object.defineProperty(process, stream, { value: fake, configurable: true });
    }
    process.exit = Deno.exit;
    Object.defineProperty(globalThis, "process", nodeProcess);
    return process;
  },
});
