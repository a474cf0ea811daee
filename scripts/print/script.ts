import type { Context, FetchContext, Script } from "writ";
import { printQueued, type QueuedOutput } from "./enqueue.ts";
import { PrintError } from "./errors.ts";
import { answerRequest } from "./endpoint/answer.ts";
import { cancelHanded, describeQueue, takeHanded, tellNews } from "./for_agents.ts";
import type { AgentInput } from "./for_agents.ts";
import { checkInput, type PrintInput } from "./input.ts";
import { plain } from "./ipp/values.ts";
import { printOnce, type PrintOutput } from "./once.ts";
import { httpOf } from "./printer_uri.ts";
import { PrintService } from "./service.ts";
import { spoolContext } from "./worker.ts";

/** What the script is ordered to do: by people, by other agents, by itself. */
export type ScriptInput = PrintInput | AgentInput | { readonly wake: string };
export type ScriptOutput =
  | PrintOutput
  | QueuedOutput
  | Awaited<
    ReturnType<typeof takeHanded | typeof cancelHanded | typeof tellNews | typeof describeQueue>
  >
  | null;

/** The script, with a spool of its own. */
export function printScript(): Required<Script<ScriptInput, ScriptOutput>> {
  const service = new PrintService();
  return {
    run: (input: ScriptInput, ctx: Context) => run(service, input, ctx),
    fetch: (request: Request, ctx: FetchContext) => answerRequest(service, request, ctx),
  };
}

async function run(
  service: PrintService,
  input: ScriptInput,
  ctx: Context,
): Promise<ScriptOutput> {
  if (input && "wake" in input) {
    await service.work(spoolContext(ctx), input.wake);
    return null;
  }
  if (input && "job" in input) return await takeHanded(service, input, ctx);
  if (input && "cancel" in input) return await cancelHanded(service, input, ctx);
  if (input && "describe" in input) return await describeQueue(service, input, ctx);
  if (input && "watch" in input) return await tellNews(service, input, ctx);
  try {
    const { printer, queue, ...order } = checkInput(input, ctx.attachments);
    if (queue !== undefined) return await printQueued(service, { ...order, queue }, ctx);
    const url = httpOf(printer);
    if (!url) {
      const found = 'input.printer must be like "ipp://host:631/ipp/print"';
      throw new PrintError("bad_input", found);
    }
    return await printOnce({ ...order, printer: printer!, url }, ctx);
  } catch (error) {
    if (!(error instanceof PrintError)) throw error;
    const title = JSON.stringify(plain(ctx.attachments[0]?.name ?? "nothing"));
    const { code, message, cause } = error;
    throw new PrintError(code, `Cannot print ${title} as ${message}`, { cause });
  }
}
