import type { AcceptEntry, AcceptList } from "../../core/documents/acceptlist.ts";
import type { Order } from "../../core/documents/order.ts";
import { VerificationError } from "../../core/errors.ts";
import { isAllowedBy } from "../../core/semver_range.ts";
import { InputChecker } from "../../agent/runs/input_checker.ts";
import type { Lists } from "../lists/lists.ts";
import type { Scripts, ScriptVersion } from "../scripts/scripts.ts";

type Ordered = Pick<Order, "script" | "input">;

/** What {@linkcode OrderCheck} works with. */
export interface OrderCheckOptions {
  lists: Pick<Lists, "offered">;
  scripts: Pick<Scripts, "versions" | "manifest">;
  inputs?: InputChecker;
}

/**
 * Tells whoever orders at once what every agent would say later. It decides nothing: agents judge
 * by their own list and what they fetch, so what the hub cannot know passes.
 */
export class OrderCheck implements Disposable {
  readonly #lists: OrderCheckOptions["lists"];
  readonly #scripts: OrderCheckOptions["scripts"];
  readonly #inputs: InputChecker;

  constructor({ lists, scripts, inputs = new InputChecker() }: OrderCheckOptions) {
    this.#lists = lists;
    this.#scripts = scripts;
    this.#inputs = inputs;
  }

  /**
   * @param signers Keys that have signed the order.
   * @param orderers Names of those whose keys have signed.
   * @throws {VerificationError} not_accepted – no list that agents are told of accepts the script
   * @throws {VerificationError} orderer_not_entitled – its grant lets none of them order
   * @throws {VerificationError} input, input_schema – the newest version that fits has a schema, and
   *   the input breaks it
   */
  async require(
    tenant: string,
    order: Ordered,
    orderers: readonly string[],
  ): Promise<void> {
    const lists = await this.#lists.offered(tenant);
    const versions = await this.#scripts.versions(tenant, order.script.name);
    const accepting = lists.filter(({ accept }) => accepts(accept, order, versions));
    if (lists.length > 0) {
      if (accepting.length === 0) throw notAccepted(order);
      if (!accepting.some(({ grants }) => isGranted(grants, order, orderers))) {
        throw notEntitled(order, orderers);
      }
    }
    const newest = versions.find((version) => fits(version, order));
    if (!newest) return;
    const { name } = order.script;
    const { manifest } = await this.#scripts.manifest(tenant, name, newest.version);
    await this.#inputs.require(order.input, { manifest, digest: newest.sha256 });
  }

  [Symbol.dispose](): void {
    this.#inputs[Symbol.dispose]();
  }
}

/** Whether some version may run that the order means; one that is not published here may be. */
function accepts(
  accept: readonly AcceptEntry[],
  order: Ordered,
  versions: readonly ScriptVersion[],
): boolean {
  const own = accept.filter(({ script }) => script === order.script.name);
  const fitting = versions.filter((version) => fits(version, order));
  if (fitting.length === 0) return own.length > 0;
  return fitting.some(({ version, sha256 }) =>
    own.some((entry) =>
      "sha256" in entry ? entry.sha256 === sha256 : isAllowedBy(version, entry.range)
    )
  );
}

function fits({ version, sha256 }: ScriptVersion, { script }: Ordered): boolean {
  return "sha256" in script ? script.sha256 === sha256 : isAllowedBy(version, script.range);
}

/** Whether one of these orderers may order the script. */
function isGranted(
  grants: AcceptList["grants"],
  { script }: Ordered,
  orderers: readonly string[],
): boolean {
  const grant = grants.find((grant) => grant.script === script.name);
  return orderers.some((name) => grant?.orders.includes(name));
}

function notAccepted({ script }: Ordered): VerificationError {
  const wanted = "sha256" in script ? script.sha256 : script.range;
  return new VerificationError(
    "not_accepted",
    `Cannot order "${script.name}" ${wanted} as it is on no accept entry of the hub's lists`,
  );
}

function notEntitled({ script }: Ordered, orderers: readonly string[]): VerificationError {
  return new VerificationError(
    "orderer_not_entitled",
    `Cannot order "${script.name}" as its grant lets others order: not ${orderers.join(", ")}`,
  );
}
