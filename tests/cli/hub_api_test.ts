import assert from "node:assert/strict";
import { HubApi, HubRefusal } from "../../runtime/cli/reach/hub_api.ts";

/** A hub that is away for so many questions. */
class AwayHub implements AsyncDisposable {
  asked = 0;
  readonly api: HubApi;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(away: number, headers: Record<string, string>) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, () => {
      if (++this.asked > away) return Response.json({ items: [] });
      const error = { code: "database", message: "The hub cannot reach what it keeps" };
      return Response.json({ error }, { status: 503, headers });
    });
    this.api = new HubApi(`http://127.0.0.1:${this.#server.addr.port}`, "token");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const isDatabase = (e: unknown) => e instanceof HubRefusal && e.code === "database";

Deno.test("HubApi.json() asks again what changes nothing when the hub says so", async () => {
  await using hub = new AwayHub(2, { "retry-after": "0" });
  assert.deepEqual(await hub.api.json("GET", "/api/v1/agents"), { items: [] });
  assert.equal(hub.asked, 3);
});

Deno.test("HubApi.json() gives up, and waits for no more than a few seconds", async () => {
  await using away = new AwayHub(3, { "retry-after": "0" });
  await assert.rejects(away.api.json("GET", "/api/v1/agents"), isDatabase);
  assert.equal(away.asked, 3);
  const others = ["6", "Mon, 23 Nov 2026 20:00:00 GMT", "-"];
  for (const headers of [{}, ...others.map((after) => ({ "retry-after": after }))]) {
    await using hub = new AwayHub(1, headers as Record<string, string>);
    await assert.rejects(hub.api.json("GET", "/api/v1/agents"), isDatabase);
    assert.equal(hub.asked, 1);
  }
});

Deno.test("HubApi.json() asks once for what changes something", async () => {
  await using hub = new AwayHub(1, { "retry-after": "0" });
  await assert.rejects(hub.api.json("POST", "/api/v1/orders", {}), isDatabase);
  assert.equal(hub.asked, 1);
});
