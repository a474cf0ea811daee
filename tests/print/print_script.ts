import type { Context } from "writ";
import type { PrintInput } from "../../scripts/print/input.ts";
import script from "../../scripts/print/mod.ts";
import type { PrintOutput } from "../../scripts/print/once.ts";

/** The script, as who orders one document on one printer sees it. */
export const print = {
  run: (input: PrintInput, ctx: Context) => script.run(input, ctx) as Promise<PrintOutput>,
};
