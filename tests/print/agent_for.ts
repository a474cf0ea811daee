import { FakeAgent } from "./fake_agent.ts";
import type { TestPrinter } from "./test_printer.ts";

/** An agent with one queue in front of a printer. */
export function agentFor(printer: TestPrinter, queue: Record<string, unknown> = {}, dir?: string) {
  const settings = { queues: { office: { printer: printer.uri, ...queue } } };
  return new FakeAgent({ settings, ...dir && { dir } });
}
