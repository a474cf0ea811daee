// Sends signed orders to an agent over several connections at once, from a process of its own.
// One JSON request on stdin, one JSON answer on stdout; see orders.ts.
import { payloadType } from "../../runtime/core/dsse.ts";
import { signerFromPem } from "../../runtime/core/pem.ts";
import { signOrders } from "./order_batch.ts";

const { url, key, count, connections, ...batch } = await new Response(Deno.stdin.readable).json();
const orders = signOrders({ ...batch, signer: signerFromPem(key) }, count);

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
