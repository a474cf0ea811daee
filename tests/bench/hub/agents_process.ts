/**
 * Many agents in one process: each with a key and a signed connection of its own, speaking the
 * protocol as an agent does. What they do not do is run scripts.
 *
 * @module
 */
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, type Signer } from "../../../runtime/core/key.ts";
import { Backoff } from "../../../runtime/agent/hub_link/backoff.ts";
import { HubClient } from "../../../runtime/agent/hub_link/hub_client.ts";
import { PeerError } from "../../../runtime/peer/mod.ts";
import type { FromAgent, FromHub } from "../../../runtime/agent/hub_link/wire.ts";
import { type AgentCounts, linesFrom, say } from "./wire.ts";

const ALIVE_MS = 30_000;
/** Connections that one process makes at the same time at first. */
const AT_ONCE = 24;
const ANSWERS_AT_ONCE = 8;
const EVENT = JSON.stringify({ type: "outcome", outcome: "ok", result: null, figures: null });

const [count = "1"] = Deno.args;
const signers = Array.from({ length: Number(count) }, () => generateSigner());
let connected = 0;
let arrived: number[] = [];
let perSecond: Record<string, number> = {};
/** What agents have to say to orders that came. */
const answers: (() => void)[] = [];

say({ keys: signers.map(({ publicKey }) => publicKey) });
for await (const asked of linesFrom<Asked>(Deno.stdin.readable)) {
  if (asked.ask === "begin") void beginAll(asked);
  if (asked.ask === "counts") {
    say({ connected, arrived, perSecond } satisfies AgentCounts);
    [arrived, perSecond] = [[], {}];
  }
}

interface Asked {
  readonly ask: "begin" | "counts";
  readonly url: string;
  readonly id: KeyId;
}

/** The first connections, a few at a time; later ones come back by themselves. */
async function beginAll({ url, id }: Asked): Promise<void> {
  const waiting = [...signers];
  const worker = async () => {
    for (let signer; (signer = waiting.pop());) {
      const opened = Promise.withResolvers<void>();
      void keep(signer, { url, id, tenant: "bench" }, opened.resolve);
      await opened.promise;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function keep(
  signer: Signer,
  hub: { url: string; id: KeyId; tenant: string },
  opened: () => void,
): Promise<never> {
  const backoff = new Backoff();
  const client = new HubClient({ hub, signer, now: Date.now });
  const instance = crypto.randomUUID();
  while (true) {
    await once(client, instance, backoff, opened).catch((error) => {
      if (error instanceof PeerError && error.code === "no_place") backoff.busy();
    });
    await new Promise((resolve) => setTimeout(resolve, backoff.next()));
  }
}

/**
 * Has an agent answer when this process has taken what came for its others: machines of their own
 * would not wait for each other's answers.
 */
function answerSoon(answer: () => void): void {
  if (answers.push(answer) === 1) setTimeout(answerSome, 0);
}

/** A few at a time, so that what comes meanwhile is taken first. */
function answerSome(): void {
  for (const answer of answers.splice(0, ANSWERS_AT_ONCE)) answer();
  if (answers.length > 0) setTimeout(answerSome, 0);
}

async function once(
  client: HubClient,
  instance: string,
  backoff: Backoff,
  opened: () => void,
): Promise<void> {
  const socket = await client.connect(AbortSignal.timeout(60_000));
  const send = (message: FromAgent) => void socket.send(JSON.stringify(message)).catch(() => {});
  connected++;
  const second = String(Math.floor(Date.now() / 1000));
  perSecond[second] = (perSecond[second] ?? 0) + 1;
  opened();
  const alive = setInterval(() => send({ type: "alive" }), ALIVE_MS);
  try {
    send({ type: "hello", instance, version: "0.1.0", policy: `sha256:${"0".repeat(64)}` });
    for await (const text of socket.messages) {
      const message = JSON.parse(String(text)) as FromHub;
      if (message.type === "standing") backoff.succeeded(message.spreadMs);
      if (message.type !== "order") continue;
      arrived.push(Date.now());
      const { order } = message;
      answerSoon(() => {
        send({ type: "taken", order, run: 1 });
        const events = [{ run: 1, seq: 1, time: Date.now(), event: EVENT }];
        send({ type: "events", order, events, over: true });
      });
    }
  } finally {
    clearInterval(alive);
    connected--;
  }
}
