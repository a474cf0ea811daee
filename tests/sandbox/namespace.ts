import { requireReal } from "../real/require_real.ts";

/** A namespace whose only name server is the program's own; loopback has the addresses of `$4`. */
const SETUP = 'ip link set lo up && for a in $4; do ip address add "$a" dev lo; done && ' +
  'mount --bind "$1" /etc/resolv.conf && exec "$2" run -A -q --unstable-net "$3"';

/** Only root may mount and take port 53; the namespace keeps both from everybody else. */
export function canMakeNamespace(): boolean {
  if (!requireReal(["ip", "unshare", "mount"])) return false;
  const { success } = new Deno.Command("unshare", { args: ["-mn", "true"], stderr: "null" })
    .outputSync();
  if (success) return true;
  const message = "Cannot test what names resolve to as no network namespace can be made here";
  if (Deno.env.get("WRIT_REQUIRE_REAL") === "1" && Deno.uid() === 0) throw new Error(message);
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return false;
}

/**
 * Runs a program in network and mount namespaces of its own, where 127.0.0.1 is the name server.
 *
 * @param addresses Given to the loopback there, such as `169.254.169.254/32`.
 * @returns The JSON it printed.
 * @throws {Error} when it printed none, with what it said instead
 */
export async function inNamespace(
  program: URL,
  addresses: readonly string[] = [],
): Promise<unknown> {
  const servers = await Deno.makeTempFile();
  await Deno.writeTextFile(servers, "nameserver 127.0.0.1\n");
  try {
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["-mn", "bash", "-c", SETUP, "_", servers, Deno.execPath(), program.pathname]
        .concat(addresses.join(" ")),
      // What it asks for by itself is not what is looked for.
      env: { DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    if (text === "") throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(text);
  } finally {
    await Deno.remove(servers);
  }
}
