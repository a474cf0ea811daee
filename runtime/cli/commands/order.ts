import type { Command } from "commander";
import type { AgentInfo } from "../../agent/mod.ts";
import type { Signer } from "../../core/key.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findFleet } from "../fleet/fleet.ts";
import type { HubOrderOptions } from "../hub_orders/place_order.ts";
import { withSelection } from "../hub_orders/selection.ts";
import { withSchedule } from "../order_form/schedule_options.ts";
import { type AgentOptions, findAgent, withAgent } from "../reach/find_agent.ts";
import { withHub } from "../reach/find_hub.ts";
import { showRun } from "../runs/show_run.ts";
import { readSigners, withPassphrase } from "../signing/keys.ts";

interface Options extends AgentOptions, HubOrderOptions {
  input?: string;
  help?: boolean;
}

/** `writ order`: a signed request to run a script. */
export function addOrder(registry: Registry): void {
  const command = registry.command(
    "order [script] [fields...]",
    "make, sign and send an order: publisher/name, or publisher/name@range or @sha256:…",
    "writ order acme/print --copies 2 --attach letter.pdf --follow",
  )
    .helpOption(false)
    // What no option takes is a field of the script's input.
    .allowUnknownOption()
    .option("-h, --help", "show this help; behind a script, also the fields of its input")
    .option("--input <json>", "the input: JSON, @file, or - for standard input (default: null)")
    .option("--attach <file...>", "documents that come with the order")
    .option("--follow", "show the run as it goes; exit 0 only if it ends as ok")
    .option("--key <file...>", "the orderer's private keys (default: the fleet's operator.pem)")
    .option("--expires <time>", "how long it is good for (default: 10 min, at a hub 1 d)");
  withSchedule(command)
    .option("--idempotency-key <text>", "an order with the same key makes no second run")
    .option("--queue-key <text>", "runs with the same key go one at a time");
  const about = "order by a hub, from agents that --to, --label or --all name: its address";
  withHub(withAgent(withPassphrase(withSelection(command))), about).action(
    registry.action(
      async (cli: Cli, script: string | undefined, fields: string[], options: Options) => {
        if (options.help) return await showHelp(cli, command, script, options);
        if (script === undefined) {
          const hint = "add --help to see how it is used";
          throw new CliError("usage", "missing required argument 'script'", hint);
        }
        if (options.hub === undefined) return await runOrder(cli, script, fields, options);
        const { orderByHub } = await import("../hub_orders/order_by_hub.ts");
        return await orderByHub(cli, script, fields, options);
      },
    ),
  );
}

async function showHelp(
  cli: Cli,
  command: Command,
  script: string | undefined,
  options: Options,
): Promise<number> {
  command.outputHelp();
  if (script === undefined) return 0;
  const [{ parseScriptReference }, { findSchema }, { fieldsOf }, { formHelp }] = await Promise.all([
    import("../arguments/script_reference.ts"),
    import("../order_form/find_schema.ts"),
    import("../order_form/fields.ts"),
    import("../order_form/form_help.ts"),
  ]);
  const schema = await findSchema(cli, parseScriptReference(script), options);
  const own = command.options.flatMap(({ long }) => long?.replace(/^--/, "") ?? []);
  cli.io.stdout.write(formHelp(script, fieldsOf(schema), own));
  return 0;
}

async function runOrder(
  cli: Cli,
  script: string,
  fields: readonly string[],
  options: Options,
): Promise<number> {
  const [
    { makeOrder },
    { describeFile, sendOrder, uploadMissing },
    { parseScriptReference },
    { scheduleFrom },
    { findSchema },
    { inputOf },
    { fieldsUnknown },
  ] = await Promise.all([
    import("../../author/make_order.ts"),
    import("../reach/upload.ts"),
    import("../arguments/script_reference.ts"),
    import("../order_form/schedule.ts"),
    import("../order_form/find_schema.ts"),
    import("../order_form/input_of.ts"),
    import("../order_form/fields_unknown.ts"),
  ]);
  const named = parseScriptReference(script);
  const now = cli.io.now();
  const schedule = await scheduleFrom(options, now, "10 min");
  const schema = await findSchema(cli, named, options);
  const unknown = (field: string) => fieldsUnknown(cli, named.name, field, options);
  const input = await inputOf(cli, named.name, {
    ...{ text: options.input, args: fields, schema, unknown },
  });
  const signers = await orderersOf(cli, options);
  const agent = await findAgent(cli, options, { signer: signers[0] });
  const info = await agent.json<AgentInfo>("/v1/info");
  const files = [];
  for (const file of options.attach ?? []) files.push(await describeFile(cli, file));
  const { order, envelope } = makeOrder({
    fleet: info.fleet,
    script: named,
    input,
    attachments: files.map(({ attachment }) => attachment),
    audience: options.label ? { labels: options.label } : { agents: [info.agent] },
    now,
    ...schedule,
    ...(options.idempotencyKey !== undefined && { idempotencyKey: options.idempotencyKey }),
    ...(options.queueKey !== undefined && { queueKey: options.queueKey }),
  }, signers);
  await uploadMissing(cli, agent, envelope, files);
  const { run } = await sendOrder(agent, envelope);
  if (options.follow) return await showRun(cli, agent, run, { order: order.id });
  const { id, expires, schedule: { at: due } = {} } = order;
  cli.answer(
    { run, order: id, script: named.name, ...(due && { due }), expires, agent: info.agent },
    () =>
      [
        `Run ${cli.out.bold(String(run))} is accepted (order ${id})`,
        ...(due ? [`It is due at ${due}`] : []),
        `Follow it with: writ runs ${run} --follow`,
      ].join("\n"),
  );
  return 0;
}

async function orderersOf(cli: Cli, options: Options): Promise<Signer[]> {
  if (options.key) return await readSigners(cli, options.key, options);
  const { keys } = await findFleet(cli, options);
  try {
    return await readSigners(cli, [`${keys}/operator.pem`], options);
  } catch (cause) {
    if (!(cause instanceof CliError) || cause.code !== "no_such_file") throw cause;
    const hint = "name an orderer's private key: --key FILE";
    throw new CliError(cause.code, cause.message, hint, { cause });
  }
}
