import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { silentLog } from "../../../runtime/agent/log.ts";
import { LEAF_MS, makeAuthority, makeLeaf } from "../../../runtime/agent/tls/certificates.ts";
import { secure, type SecureOptions } from "../../../runtime/agent/tls/secure.ts";
import { broughtTls, ownTls, tlsPaths } from "../../../runtime/agent/tls/tls_identity.ts";
import { requireReal } from "../../real/require_real.ts";
import { TemporaryDir } from "../../temporary_dir.ts";

const openssl = requireReal(["openssl"]);
const DAY_MS = 24 * 3_600_000;
const NAMES = ["localhost", "127.0.0.1", "::1"];
const onWindows = Deno.build.os === "windows";

/** Fetches, trusting these authorities and no others. */
async function text(url: string, ...caCerts: string[]): Promise<string> {
  using client = Deno.createHttpClient({ caCerts });
  return await (await fetch(url, { client })).text();
}

function options(folder: string, change: Partial<SecureOptions> = {}): SecureOptions {
  return {
    address: { hostname: "0.0.0.0", port: 0 },
    hosts: [],
    folder: `${folder}/tls`,
    now: Date.now,
    log: silentLog,
    ...change,
  };
}

Deno.test("secure() serves whoever pins its authority, and nobody who pins another", async () => {
  using folder = new TemporaryDir();
  using other = new TemporaryDir();
  const { authority, serve } = await secure(options(folder.path));
  const server = serve(() => new Response("here"));
  try {
    assert.match(server.url, /^https:\/\/localhost:\d+$/);
    assert.equal(await text(server.url, authority!.pem), "here");
    const near = server.url.replace("localhost", "127.0.0.1");
    assert.equal(await text(near, authority!.pem), "here");
    const foreign = (await secure(options(other.path))).authority!;
    assert.notEqual(foreign.digest, authority!.digest);
    await assert.rejects(text(server.url, foreign.pem), TypeError);
    await assert.rejects(text(server.url), TypeError);
    await assert.rejects(text(server.url.replace("https", "http")), TypeError, "no plain HTTP");
  } finally {
    await server.stop(1_000);
  }
});

Deno.test({
  name: "ownTls() makes certificates that OpenSSL, and so curl and freshclam, find good",
  ignore: !openssl,
  async fn(t) {
    using folder = new TemporaryDir();
    using other = new TemporaryDir();
    await ownTls(folder.path, NAMES, Date.now());
    await ownTls(other.path, NAMES, Date.now());
    const { caCert, cert } = tlsPaths(folder.path);
    const cases: [string, string[], boolean][] = [
      ["under the agent's authority", ["-CAfile", caCert], true],
      ["under another one's", ["-CAfile", tlsPaths(other.path).caCert], false],
      ["for another name", ["-CAfile", caCert, "-verify_hostname", "elsewhere.example"], false],
    ];
    for (const [what, args, good] of cases) {
      await t.step(what, async () => {
        const { success, stderr } = await new Deno.Command(openssl!.openssl, {
          args: ["verify", "-no-CApath", "-no-CAstore", ...args, cert],
        }).output();
        assert.equal(success, good, new TextDecoder().decode(stderr));
      });
    }
  },
});

Deno.test("secure() shows a certificate for its names alone", async () => {
  using folder = new TemporaryDir();
  const address = { hostname: "127.0.0.2", port: 0 };
  const brought = await writePair(folder.path, ["printer.example"]);
  const { authority, serve } = await secure(options(folder.path, { address, brought }));
  assert.equal(authority, undefined, "an operator's certificate brings its own authority");
  const server = serve(() => new Response("here"));
  try {
    const wrongName = text(server.url, brought.authority);
    await assert.rejects(wrongName, TypeError);
  } finally {
    await server.stop(1_000);
  }
});

Deno.test("a client refuses a certificate whose time is over", async () => {
  using folder = new TemporaryDir();
  const address = { hostname: "127.0.0.1", port: 0 };
  const past = Date.now() - 2 * DAY_MS;
  const brought = await writePair(folder.path, NAMES, past, DAY_MS);
  const good = await writePair(folder.path, NAMES, past, 3 * DAY_MS, "good");
  for (const [pair, isGood] of [[good, true], [brought, false]] as const) {
    const now = () => past;
    const { serve } = await secure(options(folder.path, { address, brought: pair, now }));
    const server = serve(() => new Response("here"));
    try {
      if (isGood) assert.equal(await text(server.url, pair.authority), "here");
      else await assert.rejects(text(server.url, pair.authority), TypeError);
    } finally {
      await server.stop(1_000);
    }
  }
});

Deno.test("secure() shows a new certificate before the old one is over, and goes on", async () => {
  using folder = new TemporaryDir();
  // Not long ago: the clients of this test judge by the real clock.
  let now = Date.now() - 65 * DAY_MS;
  const logged: string[] = [];
  const log = (_: string, message: string) => void logged.push(message);
  const { authority, serve } = await secure(options(folder.path, { now: () => now, log }));
  const server = serve(() => new Response("here"));
  try {
    assert.equal(await text(server.url, authority!.pem), "here");
    await server.renewIfDue();
    assert.deepEqual(logged, []);
    now = Date.now();
    await server.renewIfDue();
    assert.deepEqual(logged, ["certificate renewed"]);
    assert.equal(await text(server.url, authority!.pem), "here");
  } finally {
    await server.stop(1_000);
  }
});

Deno.test("ownTls() keeps its authority, and its certificate as long as it is good", async (t) => {
  using folder = new TemporaryDir();
  const now = Date.now();
  const first = await ownTls(folder.path, NAMES, now);
  const paths = tlsPaths(folder.path);
  await t.step({
    name: "which only its user may read",
    ignore: onWindows,
    fn: () => {
      for (const path of [paths.caKey, paths.key]) {
        assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
      }
    },
  });
  await t.step("the same again", async () => {
    assert.deepEqual(await ownTls(folder.path, NAMES, now + 59 * DAY_MS), first);
  });
  await t.step("another when it is soon over", async () => {
    const next = await ownTls(folder.path, NAMES, now + 61 * DAY_MS);
    assert.notEqual(next.cert, first.cert);
    assert.equal(next.caDigest, first.caDigest);
    assert.ok(next.expires > now + 61 * DAY_MS + LEAF_MS - DAY_MS);
  });
  await t.step("another for other names", async () => {
    const names = [...NAMES, "agent.example", "2001:db8::7"];
    const next = await ownTls(folder.path, names, now + 61 * DAY_MS);
    const { subjectAltName } = new X509Certificate(next.cert);
    assert.match(subjectAltName!, /DNS:agent\.example/);
    assert.deepEqual(await ownTls(folder.path, names, now + 61 * DAY_MS), next);
  });
  await t.step("another when its key is lost", async () => {
    const before = await ownTls(folder.path, NAMES, now);
    Deno.removeSync(paths.key);
    const next = await ownTls(folder.path, NAMES, now);
    assert.notEqual(next.cert, before.cert);
    assert.equal(next.caDigest, first.caDigest);
  });
  await t.step("none when the file is damaged", async () => {
    Deno.writeTextFileSync(paths.cert, "spoilt");
    await assert.rejects(ownTls(folder.path, NAMES, now), {
      name: "AgentError",
      code: "key_unreadable",
    });
    Deno.removeSync(paths.cert);
  });
  await t.step({
    name: "none when others may read the key",
    ignore: onWindows,
    fn: async () => {
      await ownTls(folder.path, NAMES, now);
      Deno.chmodSync(paths.key, 0o644);
      await assert.rejects(ownTls(folder.path, NAMES, now), { code: "key_unreadable" });
    },
  });
});

Deno.test("broughtTls() refuses files that are missing, damaged or over", async () => {
  using folder = new TemporaryDir();
  const pair = await writePair(folder.path, NAMES);
  assert.ok((await broughtTls(pair, Date.now())).expires > Date.now());
  const refused = { name: "AgentError", code: "key_unreadable" };
  await assert.rejects(broughtTls(pair, Date.now() + 91 * DAY_MS), refused);
  await assert.rejects(broughtTls({ ...pair, key: `${folder.path}/none` }, Date.now()), refused);
  await assert.rejects(broughtTls({ ...pair, cert: pair.key }, Date.now()), refused);
});

/** A certificate as an operator would bring it, and the authority behind it. */
async function writePair(
  folder: string,
  names: string[],
  now = Date.now(),
  lifetimeMs = LEAF_MS,
  file = "pair",
): Promise<{ cert: string; key: string; authority: string }> {
  const authority = await makeAuthority("An operator's", now);
  const leaf = await makeLeaf(authority, names, now, lifetimeMs);
  const paths = { cert: `${folder}/${file}.pem`, key: `${folder}/${file}.key` };
  Deno.writeTextFileSync(paths.cert, leaf.cert);
  Deno.writeTextFileSync(paths.key, leaf.key);
  return { ...paths, authority: authority.cert };
}
