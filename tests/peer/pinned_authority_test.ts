import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { makeAuthority, makeLeaf } from "../../runtime/agent/tls/certificates.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { pinnedAuthority } from "../../runtime/peer/pinned_authority.ts";

Deno.test({
  name: "pinnedAuthority() needs no right but net, and believes the digest alone",
  // As the command line has it; node:https alone would read the system's authorities.
  permissions: { net: true, env: false, sys: false, read: false, run: false },
  fn: async (t) => {
    const authority = await makeAuthority("An agent's", Date.now());
    const other = await makeAuthority("Another's", Date.now());
    const digest = digestOf(new X509Certificate(authority.cert).raw);
    let answer = () => new Response(authority.cert);
    const leaf = await makeLeaf(authority, ["localhost"], Date.now());
    const served = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...leaf };
    await using server = Deno.serve(served, () => answer());
    const url = `https://localhost:${server.addr.port}`;

    await t.step("the one that is pinned", async () => {
      const pem = await pinnedAuthority(url, digest);
      assert.equal(digestOf(new X509Certificate(pem).raw), digest);
    });
    const wrong: Record<string, () => Response> = {
      "another one": () => new Response(other.cert),
      "another one in front of it": () => new Response(other.cert + authority.cert),
      "none": () => new Response(null, { status: 404 }),
      "it, with the wrong status": () => new Response(authority.cert, { status: 500 }),
      "no certificate": () => new Response("nothing"),
      "too much": () => new Response("x".repeat(70_000)),
    };
    for (const [what, wronglyAnswered] of Object.entries(wrong)) {
      await t.step(`not ${what}`, async () => {
        answer = wronglyAnswered;
        const refused = { name: "PeerError", code: "unreachable" };
        await assert.rejects(pinnedAuthority(url, digest), refused);
      });
    }
  },
});
