// Sends signed orders to an agent over several connections at once, from a process of its own.
// One JSON request on stdin, one JSON answer on stdout; see orders.ts.
import { Buffer } from "node:buffer";
import { payloadType } from "../../runtime/core/dsse.ts";
import { signerFromPkcs8 } from "../../runtime/core/key.ts";
import { signOrders } from "./order_batch.ts";

const { url, agent, key, count, connections } = await new Response(Deno.stdin.readable).json();
const orders = signOrders(agent, signerFromPkcs8(Buffer.from(key, "base64")), count);

async function send(order: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${url}/v1/orders`, {
    method: "POST",
    headers: { "content-type": payloadType("order") },
    body: order,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`an order was refused: ${response.status} ${text}`);
}

async function connection(): Promise<void> {
  for (let order = orders.pop(); order; order = orders.pop()) await send(order);
}

const start = performance.now();
await Promise.all(Array.from({ length: connections }, connection));
const seconds = (performance.now() - start) / 1000;
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ seconds })));
