/** `deno task bench:print`: taking documents beside cupsd, and memory while a long one goes through. */
import { measurePrint } from "./measure_print.ts";
import { FULL } from "./rounds.ts";
import { isMet } from "./row.ts";
import { tableOf } from "./table.ts";

const rows = await measurePrint(FULL);
await Deno.stdout.write(new TextEncoder().encode(`${tableOf(rows)}\n`));
Deno.exitCode = rows.length > 0 && rows.every((row) => isMet(row) !== false) ? 0 : 1;
