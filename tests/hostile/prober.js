// Asks /healthz every 20 ms over one connection and answers each line on stdin with the longest
// answer since the line before.
const PERIOD_MS = 20;
const REQUEST = new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");

const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
const buffer = new Uint8Array(4096);
let maxMs = 0;
let probes = 0;
let asked = 0;

async function probe() {
  asked = performance.now();
  await connection.write(REQUEST);
  await connection.read(buffer);
  maxMs = Math.max(maxMs, performance.now() - asked);
  probes++;
  const wait = Math.max(0, PERIOD_MS - (performance.now() - asked));
  asked = 0;
  setTimeout(probe, wait);
}
probe();

for await (const _ of Deno.stdin.readable) {
  // An answer that is still outstanding counts with what it took until now.
  if (asked > 0) maxMs = Math.max(maxMs, performance.now() - asked);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ maxMs, probes })));
  maxMs = 0;
  probes = 0;
}
Deno.exit(0);
