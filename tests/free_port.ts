/**
 * A TCP port that is free now, for programs that cannot be told to choose one and say which. Another
 * program may take it first; then the one that wanted it says so and ends.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
