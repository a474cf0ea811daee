import { fileURLToPath } from "node:url";
import { SMALL } from "../../runtime/cli/service/unit.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const SHELLS = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/bin/bash", "/bin/bash"];

/** The program's command line as its tasks start it, with the rights that they give it. */
export function writ(...args: readonly string[]): [command: string, args: string[]] {
  const rights = [
    ...SMALL,
    "--no-prompt",
    "--ignore-env",
    "--allow-read",
    "--allow-write",
    "--allow-net",
    "--allow-sys=uid",
    `--allow-run=${[...SHELLS, Deno.execPath()].join()}`,
  ];
  return [Deno.execPath(), ["run", "--quiet", ...rights, MAIN, ...args]];
}
