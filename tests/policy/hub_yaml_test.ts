import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { checkPolicyDir, loadPolicyDir } from "../../runtime/policy/mod.ts";
import { goodFiles, policyFolder } from "./fixture.ts";

const HUB = keyId(generateSigner().publicKey);
const NAMED = `{ url: "https://hub.example:8790", id: "${HUB}", tenant: acme`;

async function folderWith(hub: string) {
  const good = goodFiles();
  return await policyFolder({ ...good, "fleet.yaml": `${good["fleet.yaml"]}hub: ${hub}\n` });
}

Deno.test("loadPolicyDir() reads whether agents meet at the hub, and are reached through it", async () => {
  const hubOf = async (more: string) => {
    await using folder = await folderWith(`${NAMED}${more} }`);
    return (await loadPolicyDir(folder.dir)).fleet.hub;
  };
  const plain = await hubOf("");
  assert.deepEqual([plain?.tenant, plain?.facts, plain?.relay], ["acme", [], undefined]);
  const met = await hubOf(", rendezvous: true, relay: true");
  assert.deepEqual([met?.rendezvous, met?.relay], [true, true]);
  await using folder = await folderWith(`${NAMED}, relay: yes }`);
  const { mistakes } = await checkPolicyDir(folder.dir);
  assert.deepEqual(mistakes.map(({ keyPath }) => keyPath), ["hub.relay"]);
});
