import { checkAccepted } from "../../runtime/core/verification/accepted.ts";
import { verifyManifest } from "../../runtime/core/verification/manifest.ts";
import { requireEntitled } from "../../runtime/core/verification/order.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { SignedFolder } from "../agent/signed_folder.ts";
import { bigList, LIST_ENTRIES } from "./big_list.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { median } from "./statistics.ts";

const DECISIONS = 1_000;

/** What the largest accept-list costs: to decide by it, and to take a new one. */
export async function measureList({ listTurns }: Rounds): Promise<Row[]> {
  using folder = new SignedFolder();
  const entries = bigList(folder.fleet.grant());
  const reloads: number[] = [];
  let bytes = folder.list(2, entries).length;
  {
    await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
    for (let turn = 0; turn < listTurns; turn++) {
      // Each is a new list, as the one that is known already costs less.
      const issued = instant(NOON - 86_400_000 + turn * 1_000);
      bytes = folder.list(3 + turn, { ...entries, issued }).length;
      const start = performance.now();
      await test.agent.reload();
      reloads.push(performance.now() - start);
    }
  }
  const note = `${LIST_ENTRIES.toLocaleString("en")} entries, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    {
      what: "decision by a large list",
      value: median(decisions(folder, entries, listTurns)),
      unit: "µs",
      target: { of: "value", most: true, limit: 50 },
      note,
    },
    {
      what: "reload of a large list",
      value: median(reloads),
      unit: "ms",
      target: { of: "value", most: true, limit: 200 },
    },
  ];
}

/** Microseconds that it takes to find who may order a script, and whether it may run. */
function decisions(
  { fleet }: SignedFolder,
  { accept, deny, grants }: ReturnType<typeof bigList>,
  turns: number,
): number[] {
  const policy = fleet.policy({
    accept,
    deny,
    grants: new Map(grants.map((grant) => [grant.script, grant])),
  });
  const verified = verifyManifest(fleet.publish("1.0.0").envelope, { policy });
  const { order } = fleet.order(`writ-key:${"A".repeat(43)}`);
  return Array.from({ length: turns }, () => {
    const start = performance.now();
    for (let i = 0; i < DECISIONS; i++) {
      requireEntitled(order, ["operator"], policy);
      checkAccepted(verified, { policy, order });
    }
    return (performance.now() - start) * 1_000 / DECISIONS;
  });
}
