// Drives the programs that the benchmark compares with, from Node, where both are at home.
// One JSON command a line on stdin, one JSON answer a line on stdout; see ../peers.ts.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

// Not a literal: `deno check` of the whole project knows nothing of this folder's packages.
const HTTP_WORKER = "@valtown/deno-http-worker";
const { newDenoHTTPWorker } = await import(HTTP_WORKER);

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const SCRIPT = readFileSync(path("increment.js"), "utf8");
const BODY = JSON.stringify({ n: 1 });
const HEADERS = { "content-type": "application/json", "content-length": BODY.length };
const keepAlive = new http.Agent({ keepAlive: true });

/** Sends the request and resolves when the whole answer is here and right. */
function answered(request) {
  return new Promise((resolve, reject) => {
    const sent = request((response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk);
      response.on("error", reject);
      response.on("end", () => {
        if (text === '{"n":2}') resolve();
        else reject(new Error(`a wrong answer: ${text}`));
      });
    });
    sent.on("error", reject);
    sent.end(BODY);
  });
}

async function times(count, call) {
  const samples = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    samples.push(performance.now() - start);
  }
  return samples;
}

const httpWorker = {
  start: (deno, fastest) =>
    // Never seen before, as the scripts that it is compared with: no cache can know it.
    newDenoHTTPWorker(`${SCRIPT}// ${crypto.randomUUID()}\n`, {
      denoExecutable: deno,
      spawnOptions: { stdio: ["ignore", "pipe", "pipe"] },
      next: fastest ? { fastReady: true, cacheBootstrap: true, skipWarm: true } : {},
    }),
  call: (worker) =>
    answered((then) =>
      worker.request("http://worker/", { method: "POST", headers: { ...HEADERS } }, then)
    ),
};

const workerd = {
  binary: () => {
    const require = createRequire(createRequire(import.meta.url).resolve("workerd/package.json"));
    const arch = process.arch === "x64" ? "64" : process.arch;
    return require.resolve(`@cloudflare/workerd-${process.platform}-${arch}/bin/workerd`);
  },
  /** It says on descriptor 3 when it listens, so nothing is lost by asking again and again. */
  start: () =>
    new Promise((resolve, reject) => {
      const child = spawn(
        workerd.binary(),
        ["serve", path("increment.capnp"), "config", "--control-fd=3"],
        { stdio: ["ignore", "ignore", "inherit", "pipe"] },
      );
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`workerd ended with code ${code}`)));
      createInterface({ input: child.stdio[3] }).on("line", (line) => {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve({ child, port });
      });
    }),
  call: ({ port }) =>
    answered((then) =>
      http.request(
        { host: "127.0.0.1", port, method: "POST", headers: HEADERS, agent: keepAlive },
        then,
      )
    ),
};

const running = {};
const commands = {
  async httpWorkerCold({ deno, fastest }) {
    const start = performance.now();
    const worker = await httpWorker.start(deno, fastest);
    await httpWorker.call(worker);
    const ms = performance.now() - start;
    worker.terminate();
    return ms;
  },
  async httpWorkerWarm({ deno, count }) {
    running.httpWorker ??= await httpWorker.start(deno, false);
    return await times(count, () => httpWorker.call(running.httpWorker));
  },
  async workerdCold() {
    const start = performance.now();
    const server = await workerd.start();
    await workerd.call(server);
    const ms = performance.now() - start;
    server.child.kill("SIGKILL");
    return ms;
  },
  async workerdWarm({ count }) {
    running.workerd ??= await workerd.start();
    return await times(count, () => workerd.call(running.workerd));
  },
  async workerdPid() {
    running.workerd ??= await workerd.start();
    await workerd.call(running.workerd);
    return running.workerd.child.pid;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  const answer = await commands[command](options);
  process.stdout.write(JSON.stringify(answer) + "\n");
}
running.httpWorker?.terminate();
running.workerd?.child.kill("SIGKILL");
process.exit(0);
