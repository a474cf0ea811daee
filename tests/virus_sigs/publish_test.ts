import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import type { Desk } from "../../scripts/virus-sigs/desk.ts";
import { publish } from "../../scripts/virus-sigs/publish.ts";
import { FalseFile, NothingAttached, SameVersion } from "../../scripts/virus-sigs/refusals.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { attachment } from "../print/fake_context.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";
import { listSignature } from "./signed_list.ts";

const NAME = "office.hdb";
const admin = generateSigner();

/** A machine without peers, and how a list is published there. */
function machine() {
  const [store, blobs] = [memoryStore(), memoryBlobs()];
  const desk = {
    settings: readSettings({ databases: [], listKeys: [admin.publicKey] }),
    shelf: new Shelf(store, blobs),
    store,
    blobs,
    now: () => 0,
  } as unknown as Desk;
  const put = async (version: number, text: string, signed = text) => {
    const signature = listSignature(admin, NAME, version, digestOf(encode(signed)));
    const lists = { [NAME]: { version, signature } };
    const taken = await publish([attachment(NAME, "text/plain", encode(text))], lists, desk);
    return taken.map(({ version }) => version);
  };
  return { desk, put };
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("publish() refuses an order that brings no file, or not the one it speaks of", async () => {
  const { desk } = machine();
  await assert.rejects(() => publish([], {}, desk), NothingAttached);
  const lists = { [NAME]: { version: 1, signature: "" } };
  const other = attachment("other.hdb", "text/plain", encode("x"));
  await assert.rejects(() => publish([other], lists, desk), NothingAttached);
  assert.deepEqual(await desk.blobs.list(), []);
});

Deno.test("publish() refuses another content under a version that is here, and keeps nothing of it", async () => {
  const { desk, put } = machine();
  assert.deepEqual(await put(7, "one"), [7]);
  assert.deepEqual(await put(7, "one"), [], "it is here");
  await assert.rejects(() => put(7, "other"), SameVersion);
  await assert.rejects(() => put(8, "other", "unsigned"), FalseFile);
  const kept = (await desk.blobs.list()).map(({ sha256 }) => sha256);
  assert.deepEqual(kept, [digestOf(encode("one"))]);
  assert.deepEqual(await put(8, "other"), [8]);
});

Deno.test("publish() takes the same content again under a greater version", async () => {
  const { desk, put } = machine();
  await put(7, "same");
  assert.deepEqual(await put(8, "same"), [8]);
  assert.equal((await desk.shelf.find(NAME))!.version, 8);
  assert.equal((await desk.blobs.list()).length, 1);
});
