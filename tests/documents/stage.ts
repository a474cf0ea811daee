import { AuditReader } from "../../runtime/agent/mod.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { SignedFolder } from "../agent/signed_folder.ts";

/**
 * A whole agent in signed mode and the folder it follows: for attacks that meet their protection in
 * what the agent has stored, what a restart leaves of that, its clock, or its way in for orders.
 */
export class Stage implements AsyncDisposable {
  readonly folder: SignedFolder;
  readonly test: TestAgent;

  private constructor(folder: SignedFolder, test: TestAgent) {
    this.folder = folder;
    this.test = test;
  }

  /** @param prepare What lies in the folder before the agent first looks. */
  static async open(prepare?: (folder: SignedFolder) => void): Promise<Stage> {
    const folder = new SignedFolder();
    try {
      prepare?.(folder);
      return new Stage(folder, await TestAgent.start({ rules: folder.rules }, folder.fleet));
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  async restart(): Promise<void> {
    await this.test.agent.stop();
    await this.test.start({ rules: this.folder.rules });
  }

  /** What an order is answered with: `accepted`, or the code of the refusal. */
  async answer(envelope: Uint8Array): Promise<string> {
    const { error } = await (await this.test.send(envelope)).json();
    return error?.code ?? "accepted";
  }

  /** What a new order is answered with. */
  async order(change: Partial<Order> = {}): Promise<string> {
    return await this.answer(this.folder.fleet.order(this.test.agent.id, change).envelope);
  }

  /** How the run of a new order ends: `ok`, or the rule that refused it. */
  async run(change: Partial<Order> = {}): Promise<string> {
    const { run } = await this.test.order(change);
    return await this.outcome(run);
  }

  async outcome(run: number): Promise<string> {
    const { outcome } = await this.test.ended(run);
    return outcome?.outcome === "refused" ? outcome.detail.rule : outcome!.outcome;
  }

  /** The codes of every refused policy, oldest first. */
  refusals(): string[] {
    using audit = AuditReader.open(this.test.stateDir);
    return audit.tail(500).filter(({ event }) => event === "policy_refused")
      .map(({ detail }) => JSON.parse(detail).code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
