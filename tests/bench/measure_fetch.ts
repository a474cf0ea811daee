import { ServingAgent } from "../agent/endpoint/fixture.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { elapsed, inTurns, median } from "./statistics.ts";

/** Requests under way at the same time, where there are many. */
const CONNECTIONS = 16;
const BODY_BYTES = 16_000_000;
/** The same work as the cell does. */
const HELLO = "hello";
const SCRIPT = `fetch(request) {
  if (!request.url.endsWith("/large")) return new Response("${HELLO}");
  const piece = new Uint8Array(65_536);
  let left = ${BODY_BYTES};
  return new Response(new ReadableStream({
    pull(controller) {
      controller.enqueue(piece.slice(0, left));
      left -= piece.length;
      if (left <= 0) controller.close();
    },
  }));
}`;

/** Requests over HTTP through the agent to a script that stays in its cell, and back. */
export async function measureFetch({ fetchTurns, fetches }: Rounds): Promise<Row[]> {
  // A place is free again a moment after the client has the whole answer.
  const serve = { allow: ["loopback" as const], requests: 2 * CONNECTIONS };
  await using agent = await ServingAgent.start(SCRIPT, { serve, life: "live" }, { life: "live" });
  await using bare = bareServer();
  const urls = [agent.url, `http://127.0.0.1:${bare.addr.port}/`];
  const one = urls.map((url) => async () =>
    await elapsed(() => askMany(url, fetches, 1)) / fetches
  );
  const many = urls.map((url) => async () =>
    fetches / await elapsed(() => askMany(url, fetches, CONNECTIONS)) * 1_000
  );
  // Until cell, agent and server have compiled what they do often.
  for (const ask of [...one, ...many]) await ask();
  const large = async () => BODY_BYTES / 1_000 / await elapsed(() => download(agent));
  const [latency, bareLatency, perSecond, barePerSecond, megabytes] = (
    await inTurns(fetchTurns, [...one, ...many, large])
  ).map(median);
  const name = "Deno.serve alone";
  return [
    {
      what: "fetch through a live cell",
      value: latency!,
      unit: "ms",
      beside: { name, value: bareLatency! },
      note: "one after another; agent and client are one process here.",
    },
    {
      what: `fetches, ${CONNECTIONS} at once`,
      value: perSecond!,
      unit: "fetches/s",
      beside: { name, value: barePerSecond! },
    },
    {
      what: "body out of a live cell",
      value: megabytes!,
      unit: "MB/s",
      note: `${BODY_BYTES / 1e6} MB in pieces of 64 KiB.`,
    },
  ];
}

function bareServer(): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return Deno.serve(options, () => new Response(HELLO));
}

async function askMany(url: string, count: number, connections: number): Promise<void> {
  let left = count;
  const connection = async () => {
    while (left-- > 0) {
      const response = await fetch(url);
      const text = await response.text();
      if (text !== HELLO) throw new Error(`a wrong answer: ${response.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

async function download(agent: ServingAgent): Promise<void> {
  let bytes = 0;
  for await (const piece of (await agent.fetch("/large")).body!) bytes += piece.length;
  if (bytes !== BODY_BYTES) throw new Error(`${bytes} bytes came of ${BODY_BYTES}`);
}
