import type { AgentOptions } from "../../../runtime/agent/agent.ts";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { Rules } from "../../../runtime/agent/trust/load_rules.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import type { Grant } from "../../../runtime/core/documents/grant.ts";
import { relayedUrl } from "../../../runtime/core/relayed_url.ts";
import type { PeerEntry, RelayEntry } from "../../../runtime/policy/mod.ts";
import { TestAgent } from "../agent_fixture.ts";
import type { TestFleet } from "../fixture.ts";
import { fleetWith } from "../channels/office.ts";

/** An address that nobody answers at. */
const NOWHERE = "http://127.0.0.1:1";
const BOUNDS: RelayEntry = { slots: 2, rateBytes: 100_000_000, wayBytes: 100_000_000 };

/** What an office is made of. */
interface Parts {
  relay?: RelayEntry | null;
  capabilities?: Grant["capabilities"];
  script?: string;
  /** No policy has an address of the hidden agent: its advert must tell. */
  byAdvert?: boolean;
}

/**
 * A relay, and two agents that reach it and not each other: `hidden` keeps a connection to it, and
 * `caller` knows that.
 */
export class RelayedOffice implements AsyncDisposable {
  readonly relay: TestAgent;
  readonly hidden: TestAgent;
  readonly caller: TestAgent;
  readonly peers: Record<"relay" | "hidden" | "caller", PeerEntry[]>;

  readonly #again: () => Partial<AgentOptions>;

  private constructor(
    agents: Pick<RelayedOffice, "relay" | "hidden" | "caller">,
    peers: RelayedOffice["peers"],
    again: () => Partial<AgentOptions>,
  ) {
    this.#again = again;
    this.relay = agents.relay;
    this.hidden = agents.hidden;
    this.caller = agents.caller;
    this.peers = peers;
  }

  static async open(parts: Parts = {}): Promise<RelayedOffice> {
    const { relay: bounds = BOUNDS, capabilities = { channel: {} }, script, byAdvert } = parts;
    const labels = new Map<KeyId, string[]>();
    const peers: RelayedOffice["peers"] = { relay: [], hidden: [], caller: [] };
    const optionsOf = (
      fleet: TestFleet,
      name: keyof typeof peers,
      rules: () => Partial<Rules>,
    ): Partial<AgentOptions> => ({
      runner: sandboxRunner(),
      now: Date.now,
      rules: () =>
        Promise.resolve({
          policy: fleet.policy({ labels: new Map(labels) }),
          sources: [fleet.source()],
          peers: [...peers[name]],
          // What its adverts say leads nowhere.
          ...(name === "hidden" && { hosts: ["nowhere.invalid"] }),
          ...rules(),
        }),
    });
    const start = async (name: keyof typeof peers, rules: () => Partial<Rules> = () => ({})) => {
      const fleet = fleetWith(capabilities, script);
      return await TestAgent.start(optionsOf(fleet, name, rules), fleet);
    };
    const relay = await start("relay", () => bounds ? { relay: bounds } : {});
    const { id } = relay.agent;
    const hidden = await start("hidden", () => peers.hidden.length > 0 ? { relays: [id] } : {});
    const caller = await start("caller");
    const entry = (name: string, { agent }: TestAgent, url = agent.url): PeerEntry => ({
      name,
      id: agent.id,
      url,
      labels: [],
    });
    peers.relay.push(entry("caller", caller, NOWHERE));
    if (!byAdvert) peers.relay.push(entry("hidden", hidden, NOWHERE));
    peers.hidden.push(entry("relay", relay), entry("caller", caller, NOWHERE));
    const behind = relayedUrl({ agent: hidden.agent.id, relay: id });
    peers.caller.push(entry("relay", relay));
    if (byAdvert) labels.set(hidden.agent.id, ["office"]);
    else peers.caller.push(entry("hidden", hidden, behind));
    for (const { agent } of [relay, hidden, caller]) await agent.reload();
    const again = () => optionsOf(relay.fleet, "relay", () => bounds ? { relay: bounds } : {});
    return new RelayedOffice({ relay, hidden, caller }, peers, again);
  }

  /** Stops the relay, and starts it again where it was. */
  async restartRelay(): Promise<void> {
    const { relay } = this;
    const port = Number(new URL(relay.agent.url).port);
    await relay.agent.stop();
    await relay.start({ ...this.#again(), listen: { hostname: "127.0.0.1", port } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const test of [this.caller, this.hidden, this.relay]) await test[Symbol.asyncDispose]();
  }
}
