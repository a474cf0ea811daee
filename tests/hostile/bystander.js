// A service that has nothing to do with the sandbox: what keeps it waiting, too, is the machine.
// Says its port, and ends with stdin.
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  () => new Response("ok"),
);
Deno.stdout.writeSync(new TextEncoder().encode(`${server.addr.port}\n`));
for await (const _ of Deno.stdin.readable);
await server.shutdown();
