/** How long clamd may take to answer. */
const ANSWER_MS = 5_000;

/**
 * Tells clamd to read its databases anew; it answers at once and goes on with the old ones until
 * the new are ready, and for good when they are not in order.
 *
 * @param address `host:port`, or the path of its socket.
 * @returns whether it said that it does.
 * @see clamd(8), "COMMANDS"
 */
export async function reloadClamd(address: string): Promise<boolean> {
  return await askClamd(address, "RELOAD") === "RELOADING";
}

/** One short command and its answer; `undefined` when nobody gives one. */
async function askClamd(address: string, command: string): Promise<string | undefined> {
  let connection: Deno.Conn | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const gone = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  });
  const ask = async () => {
    connection = await connect(address);
    await connection.write(new TextEncoder().encode(`z${command}\0`));
    const answer = new Uint8Array(256);
    const count = await connection.read(answer) ?? 0;
    return new TextDecoder().decode(answer.subarray(0, count)).replace(/\0.*$/s, "");
  };
  try {
    return await Promise.race([ask().catch(() => undefined), gone]);
  } finally {
    clearTimeout(timer);
    connection?.close();
  }
}

function connect(address: string): Promise<Deno.Conn> {
  if (address.startsWith("/")) return Deno.connect({ transport: "unix", path: address });
  const { hostname, port } = new URL(`tcp://${address}`);
  return Deno.connect({ hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
}
