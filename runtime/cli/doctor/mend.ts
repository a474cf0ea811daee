import type { Cli } from "../cli.ts";
import type { FleetOptions } from "../fleet/fleet.ts";
import type { Diagnosis, Repair } from "./doctor.ts";

/** Mends what a check found, where that can be done; tells what was done, or why it was not. */
export async function mended(
  cli: Cli,
  diagnosis: Diagnosis,
  options: FleetOptions,
): Promise<Diagnosis> {
  const { check, repair, found } = diagnosis;
  if (!repair) return diagnosis;
  try {
    await mend(cli, repair, options);
    return { check, status: "ok", found: `mended: ${found}` };
  } catch (error) {
    return { ...diagnosis, found: `${found}; not mended: ${(error as Error).message}` };
  }
}

async function mend(cli: Cli, repair: Repair, options: FleetOptions): Promise<void> {
  switch (repair.kind) {
    case "close": {
      const { mode } = await Deno.stat(repair.path);
      return await Deno.chmod(repair.path, mode! & 0o700);
    }
    case "remove":
      return await Deno.remove(repair.path);
    case "reload": {
      const { findAgent } = await import("../reach/find_agent.ts");
      const agent = await findAgent(cli, options);
      await agent.json("/v1/policy/reload", { method: "POST" });
    }
  }
}
