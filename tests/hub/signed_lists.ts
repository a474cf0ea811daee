import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import { openEnvelope, sealDocument } from "../../runtime/core/dsse.ts";
import { rulesFromFolder } from "../../runtime/agent/trust/load_rules.ts";
import { instant } from "../agent/fixture.ts";
import { type TestHub, type TestMachine, until } from "./hub_fixture.ts";

/** The same for all lists, so that none differs from another by the second in which it was made. */
const LIFE = { issued: instant(Date.now() - 60_000), expires: instant(Date.now() + 3_600_000) };

/** An accept-list of the tests' fleet, signed as the role `accept` does. */
export function signedList(hub: TestHub, version: number, prev: Uint8Array | null, change = {}) {
  const { fleet } = hub;
  const list: AcceptList = {
    ...{ fleet: "test", epoch: 1, version },
    ...LIFE,
    prev: prev && digestOf(openEnvelope("acceptlist", prev).payload),
    publishers: {
      acme: { keys: [{ key: fleet.publisher.publicKey, state: "active" }], threshold: 1 },
    },
    accept: [{ script: fleet.script, range: "*" }],
    deny: [],
    grants: [fleet.grant({ orders: ["operator", "hub"] })],
    labels: {},
    ...change,
  };
  return sealDocument("acceptlist", list, [hub.acceptKey]);
}

/** A machine whose rules are what its hub carries, as `writ enrol` leaves it. */
export async function signedMachine(
  hub: TestHub,
  options: Parameters<TestHub["machine"]>[0] = {},
): Promise<TestMachine> {
  const machine = await hub.machine(options);
  const { roots } = await machine.enrol();
  const { url, id, tenant } = machine.hubEntry;
  const policy = `${machine.folder.path}/policy`;
  Deno.mkdirSync(`${policy}/signed`, { recursive: true, mode: 0o700 });
  const hubLines = `hub: { url: ${url}, id: ${id}, tenant: ${tenant} }`;
  const yaml = `fleet: test\nmode: signed\nroot: signed\n${hubLines}\n` +
    "ceiling: { limits: { runs: 1000 } }\n";
  Deno.writeTextFileSync(`${policy}/fleet.yaml`, yaml, { mode: 0o600 });
  roots.forEach((root, i) => Deno.writeFileSync(`${policy}/signed/root.${i + 1}.json`, root));
  const load = rulesFromFolder(policy, []);
  machine.rules = async (context) => ({
    ...await load(context),
    sources: [hub.fleet.source()],
  });
  return machine;
}

/** Until the agent says that it works by this version. */
export function works(hub: TestHub, machine: TestMachine, version: number) {
  return until(hub, async () => {
    const { list } = await hub.services.agents.get("acme", machine.id);
    return list === version;
  });
}
