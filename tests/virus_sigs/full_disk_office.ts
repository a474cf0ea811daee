// Runs where the folder of the second agent, given as argument, is a file system of a few MB.
// Prints, as one JSON object, what the agent made of a list that does not fit, and of one that does.
import { generateSigner } from "../../runtime/core/key.ts";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { signedList } from "./signed_list.ts";
import { ordered, SETTINGS, shelved } from "./machine.ts";

const NAME = "office.hdb";
const admin = generateSigner();
const publish = (version: number, length: number) =>
  ordered(office, "a", ...signedList(admin, NAME, version, "x".repeat(length)));
const settings = { ...SETTINGS, every: 600, listKeys: [admin.publicKey] };
await using office = await SignatureOffice.open([
  { name: "a", peers: ["b"] },
  { name: "b", peers: ["a"], dir: Deno.args[0]! },
], settings);
await ordered(office, "b", { do: "sync" });
await publish(1, 1_000);
const first = await synced();
await publish(2, 20_000_000);
const second = await synced();
const left = [...Deno.readDirSync(`${Deno.args[0]}/state`)]
  .filter(({ name }) => /partial/.test(name))
  .flatMap(({ name }) => [...Deno.readDirSync(`${Deno.args[0]}/state/${name}`)]);
await publish(3, 2_000);
const third = await synced();
const answer = { first, second, third, left: left.length };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(answer)));

/** The version after a round that ended well. */
async function synced(): Promise<number> {
  await ordered(office, "b", { do: "sync" });
  return await shelved(office, "b", NAME);
}
