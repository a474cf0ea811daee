import assert from "node:assert/strict";
import { DirectorySource } from "../../runtime/agent/sources/directory_source.ts";
import { HttpSource } from "../../runtime/agent/sources/http_source.ts";
import { openSource } from "../../runtime/agent/sources/open_source.ts";
import { parseVersionIndex } from "../../runtime/agent/sources/version_index.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const BYTES = new Uint8Array(1000).fill(1);

/** A web server on loopback, as good or as bad as its handler. */
function serve(handler: (request: Request) => Response): AsyncDisposable & { url: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("HttpSource.read() reads a file of exactly the most it may hold", async () => {
  const asked: string[] = [];
  await using server = serve(({ url, headers }) => {
    asked.push(new URL(url).pathname, headers.get("accept-encoding")!);
    return new Response(BYTES);
  });
  const source = new HttpSource(`${server.url}/scripts`);
  assert.deepEqual(await source.read("v1/modules/aa", 1000), BYTES);
  assert.deepEqual(asked, ["/scripts/v1/modules/aa", "identity"]);
});

Deno.test("HttpSource.read() answers undefined where there is no file", async () => {
  await using server = serve(() => new Response("no", { status: 404 }));
  assert.equal(await new HttpSource(server.url).read("x", 1000), undefined);
});

Deno.test("HttpSource.read() refuses answers that are not the file", async (t) => {
  let hits = 0;
  await using elsewhere = serve(() => {
    hits++;
    return new Response(BYTES);
  });
  const packed = new Response(BYTES).body!.pipeThrough(new CompressionStream("gzip"));
  const encoded = { headers: { "content-encoding": "gzip" } };
  const cases: [string, () => Response, string][] = [
    ["one byte too many", () => new Response(new Uint8Array(1001)), "source_too_large"],
    ["a redirect", () => Response.redirect(elsewhere.url), "source_redirect"],
    ["an encoded body", () => new Response(packed, encoded), "source_encoding"],
    ["an error", () => new Response("", { status: 500 }), "source_answer"],
    ["no content", () => new Response(null, { status: 204 }), "source_answer"],
  ];
  for (const [name, answer, code] of cases) {
    await t.step(name, async () => {
      await using server = serve(answer);
      const read = new HttpSource(server.url).read("x", 1000);
      await assert.rejects(read, { name: "AgentError", code });
    });
  }
  assert.equal(hits, 0, "nobody followed the redirect");
});

Deno.test("HttpSource.read() ends an endless body after the most it may hold", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = serve(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(100)),
        cancel: () => cancelled.resolve(),
      }),
    )
  );
  await assert.rejects(new HttpSource(server.url).read("x", 1000), { code: "source_too_large" });
  await cancelled.promise;
});

Deno.test("HttpSource.read() ends a body that drips too slowly", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = serve(() =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => cancelled.resolve(),
      }),
    )
  );
  const source = new HttpSource(server.url, 50);
  await assert.rejects(source.read("x", 1000), { code: "source_deadline" });
  await cancelled.promise;
});

Deno.test("HttpSource.read() refuses a server that is not there", async () => {
  const server = serve(() => new Response());
  await server[Symbol.asyncDispose]();
  const read = new HttpSource(server.url).read("x", 1000);
  await assert.rejects(read, { code: "source_unreachable" });
});

Deno.test("DirectorySource.read() reads a file up to the most it may hold", async () => {
  using folder = new TemporaryDir();
  Deno.writeFileSync(`${folder.path}/file`, BYTES);
  const source = new DirectorySource(folder.path);
  assert.deepEqual(await source.read("file", 1000), BYTES);
  assert.equal(await source.read("other", 1000), undefined);
  await assert.rejects(source.read("file", 999), { code: "source_too_large" });
});

Deno.test("openSource() knows servers and folders and nothing else", () => {
  assert.ok(openSource("https://example.org/scripts") instanceof HttpSource);
  assert.ok(openSource("/srv/scripts") instanceof DirectorySource);
  for (const address of ["", "ftp://example.org", "file:///srv", "http://", "data:,x"]) {
    assert.throws(() => openSource(address), { name: "AgentError", code: "policy" }, address);
  }
});

Deno.test("parseVersionIndex() reads a list and refuses what is none", async (t) => {
  const sha256 = `sha256:${"a".repeat(64)}`;
  const parse = (value: unknown) =>
    parseVersionIndex(new TextEncoder().encode(JSON.stringify(value)), "index.json");
  await t.step("a list", () => {
    const versions = [{ version: "1.0.0", sha256 }];
    assert.deepEqual(parse({ versions }), versions);
    assert.deepEqual(parse({ versions: [] }), []);
  });
  const refused = {
    "a version that is a path": { versions: [{ version: "../../x", sha256 }] },
    "a version that is none": { versions: [{ version: "1.0", sha256 }] },
    "an empty version": { versions: [{ version: "", sha256 }] },
    "a hash that is none": { versions: [{ version: "1.0.0", sha256: "sha256:" }] },
    "an unknown field": { versions: [], more: 1 },
    "too many": { versions: Array(2001).fill({ version: "1.0.0", sha256 }) },
    "an array": [],
    "nothing": null,
  };
  for (const [name, value] of Object.entries(refused)) {
    await t.step(name, () => {
      assert.throws(() => parse(value), { name: "AgentError", code: "source_answer" });
    });
  }
  await t.step("no JSON", () => {
    assert.throws(() => parseVersionIndex(new Uint8Array([255]), "x"), { code: "source_answer" });
  });
});
