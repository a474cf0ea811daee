import assert from "node:assert/strict";
import { Proxy } from "../../../runtime/capabilities/browser/proxy.ts";
import { TestSite } from "./site.ts";

/** What a proxy answers to one request, to its end. */
async function answerOf(proxy: Proxy, lines: readonly string[]): Promise<string> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port: portOf(proxy.address) });
  await client.write(new TextEncoder().encode([...lines, "", ""].join("\r\n")));
  await client.closeWrite();
  return await new Response(client.readable).text().catch(() => "");
}

const portOf = (address: string) => Number(new URL(address).port);
const passOf = ({ username, password }: Proxy) =>
  `Proxy-Authorization: Basic ${btoa(`${username}:${password}`)}`;

Deno.test("the proxy serves only who knows its password", async () => {
  await using site = new TestSite({ "/": "hello" });
  await using proxy = new Proxy({
    sites: { urls: [{ origin: site.origin, internal: true }] },
    refused: () => {},
  });
  const request = [`GET ${site.origin}/ HTTP/1.1`, `Host: 127.0.0.1:${site.port}`];
  assert.match(await answerOf(proxy, request), /^HTTP\/1\.1 407 /);
  const wrong = `Proxy-Authorization: Basic ${btoa("writ:guess")}`;
  assert.match(await answerOf(proxy, [...request, wrong]), /^HTTP\/1\.1 407 /);
  assert.deepEqual(site.asked, []);
  const answer = await answerOf(proxy, [...request, passOf(proxy)]);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.deepEqual(site.asked, ["/"]);
});

Deno.test("the proxy connects to the address that it found itself, asked once", async () => {
  await using site = new TestSite({ "/": "hello" });
  const [told, asked]: [string[], string[]] = [[], []];
  const host = `rebinding.example:${site.port}`;
  const proxyFor = (internal: boolean) =>
    new Proxy({
      sites: { urls: [{ origin: `http://${host}`, internal }] },
      refused: (name) => told.push(name),
      resolve: (name) => Promise.resolve(asked.push(name) > 0 ? ["127.0.0.1"] : []),
    });
  const tunnel = (proxy: Proxy) => [`CONNECT ${host} HTTP/1.1`, `Host: ${host}`, passOf(proxy)];
  await using closed = proxyFor(false);
  assert.match(await answerOf(closed, tunnel(closed)), /^HTTP\/1\.1 502 /);
  assert.deepEqual([told, asked], [["rebinding.example"], ["rebinding.example"]]);
  await using open = proxyFor(true);
  assert.match(await answerOf(open, tunnel(open)), /^HTTP\/1\.1 200 /);
  assert.equal(asked.length, 2);
});

Deno.test("the proxy takes nothing that is no request to a proxy", async () => {
  await using site = new TestSite({ "/": "hello" });
  await using proxy = new Proxy({
    sites: { urls: [{ origin: site.origin, internal: true }] },
    refused: () => {},
  });
  const strange = [
    ["GET / HTTP/1.1"],
    [`GET file:///etc/passwd HTTP/1.1`],
    [`GET ${site.origin}/ HTTP/1.0`],
    [`GET ftp://127.0.0.1:${site.port}/ HTTP/1.1`],
    ["CONNECT  HTTP/1.1"],
    ["CONNECT 127.0.0.1:99999 HTTP/1.1"],
    [""],
    ["\u0016\u0003\u0001"],
    [`GET ${site.origin}/ HTTP/1.1`, "X: ".padEnd(70_000, "x")],
  ];
  for (const lines of strange) {
    const [first, ...rest] = lines;
    assert.equal(await answerOf(proxy, [first!, passOf(proxy), ...rest]), "", first);
  }
  assert.deepEqual(site.asked, []);
});

/** A server that keeps its connections, whatever it is told, and what it was asked over the first. */
function keepingServer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const serving = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(65_536);
    for (let count; (count = await connection.read(buffer).catch(() => null)) !== null;) {
      asked.push(new TextDecoder().decode(buffer.subarray(0, count)));
      const answer = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" +
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";
      await connection.write(new TextEncoder().encode(answer)).catch(() => {});
    }
  })();
  return { listener, asked, serving, port: listener.addr.port };
}

Deno.test("a server that keeps its connection gets one request, and never the password", async () => {
  const server = keepingServer();
  using _listener = server.listener;
  const origin = `http://127.0.0.1:${server.port}`;
  await using proxy = new Proxy({
    sites: { urls: [{ origin, internal: true }] },
    refused: () => {},
  });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: portOf(proxy.address) });
  const post = [
    ...[`POST ${origin}/first HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, passOf(proxy)],
    ...["Content-Length: 4", "", "body"],
  ].join("\r\n");
  await client.write(new TextEncoder().encode(post));
  const decoder = new TextDecoder();
  let answer = "";
  const buffer = new Uint8Array(65_536);
  while (!answer.endsWith("ok")) {
    const count = await client.read(buffer);
    assert.notEqual(count, null, answer);
    answer += decoder.decode(buffer.subarray(0, count!));
  }
  assert.doesNotMatch(answer, /keep-alive/);
  assert.match(answer, /200 OK\r\nContent-Length: 2\r\nConnection: close\r\n/);
  // A browser that asks over it all the same is cut off.
  await client.write(new TextEncoder().encode(post.replace("first", "second"))).catch(() => 0);
  assert.equal(await client.read(buffer).catch(() => null), null);
  await server.serving;
  const text = server.asked.join("");
  assert.match(text, /^POST \/first HTTP\/1\.1\r\n[^]*\r\n\r\nbody$/);
  assert.doesNotMatch(text, /second|Proxy-Authorization/i);
});

Deno.test("the proxy passes on no request of a length that it does not know", async () => {
  await using site = new TestSite({ "/": "hello" });
  await using proxy = new Proxy({
    sites: { urls: [{ origin: site.origin, internal: true }] },
    refused: () => {},
  });
  const head = [`POST ${site.origin}/ HTTP/1.1`, `Host: 127.0.0.1:${site.port}`, passOf(proxy)];
  assert.match(await answerOf(proxy, [...head, "Transfer-Encoding: chunked"]), /^HTTP\/1\.1 411 /);
  assert.match(await answerOf(proxy, [...head, "Content-Length: 1, 2"]), /^HTTP\/1\.1 411 /);
  assert.match(await answerOf(proxy, [...head, "Content-Length: 0"]), /^HTTP\/1\.1 200 /);
});
