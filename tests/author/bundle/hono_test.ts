import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { dirname } from "node:path";
import { packScript } from "../../../runtime/author/mod.ts";
import { ServingAgent } from "../../agent/endpoint/fixture.ts";
import { scriptFolder } from "../fixture.ts";

const SCRIPT = `import { Hono } from "hono";
const app = new Hono();
app.get("/hello/:name", (c) => c.text("hello " + c.req.param("name")));
export default { fetch: (request) => app.fetch(request) };
`;

Deno.test("a script brings Hono inside its bundle, and answers with it from its cell", async () => {
  using dir = scriptFolder({ "mod.ts": SCRIPT });
  const hono = dirname(dirname(new URL(import.meta.resolve("hono")).pathname));
  cpSync(hono, `${dir.path}/node_modules/hono`, { recursive: true });
  const { module, packages } = await packScript(dir.path);
  assert.deepEqual(packages.map((name) => name.split("@")[0]), ["hono"]);
  await using agent = await ServingAgent.start("", {}, {}, new TextDecoder().decode(module));
  assert.equal(await agent.text("/hello/ada"), "hello ada");
});
