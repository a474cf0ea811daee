import { processIo, runCli } from "./runtime/cli/mod.ts";

Deno.exit(await runCli(Deno.args, processIo()));
