import type { ScannerPrograms } from "./programs.ts";

/** Answers as the script's own endpoint does, for a caller on this machine. */
export type OwnEndpoint = (path: string, init: RequestInit) => Promise<Response>;

/** How an update by freshclam ended. */
export interface Updated {
  readonly ok: boolean;
  /** What it complained of, also where it found another way. */
  readonly said: string;
}

/**
 * Has freshclam bring databases up to date. Its only mirror is the script's endpoint, by an address
 * on loopback that is there for as long as it runs; it verifies the vendor's signatures itself.
 *
 * @param folder The databases as they are; freshclam changes them in place.
 * @param work For its configuration.
 */
export async function runFreshclam(
  programs: ScannerPrograms,
  { databases, folder, work, endpoint }: {
    databases: readonly string[];
    folder: string;
    work: string;
    endpoint: OwnEndpoint;
  },
  signal: AbortSignal,
): Promise<Updated> {
  await using mirror = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method } = request;
      if (method !== "GET" && method !== "HEAD") return new Response(null, { status: 405 });
      const headers = new Headers(request.headers);
      headers.delete("host");
      return await endpoint(pathname + search, { method, headers, signal: request.signal });
    },
  );
  const config = `${work}/freshclam.conf`;
  const lines = [
    `DatabaseMirror http://127.0.0.1:${mirror.addr.port}`,
    `DatabaseDirectory ${folder}`,
    "DNSDatabaseInfo no",
    "ScriptedUpdates yes",
    // The whole is tested afterwards.
    "TestDatabases no",
    "MaxAttempts 1",
  ];
  await Deno.writeTextFile(config, lines.join("\n") + "\n", { mode: 0o644 });
  const { code, output } = await programs.run("freshclam", [
    "--no-dns",
    "--stdout",
    `--config-file=${config}`,
    ...databases.map((database) => `--update-db=${database}`),
  ], signal);
  const said = output.split("\n")
    .filter((line) => /error|warning/i.test(line) && !/DNS Update Info disabled/.test(line))
    .join("; ").slice(0, 500);
  return { ok: code === 0, said };
}
