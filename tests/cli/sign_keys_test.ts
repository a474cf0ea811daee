import assert from "node:assert/strict";
import { SshAgent } from "../../runtime/author/ssh_agent.ts";
import { openEnvelope, signedBy } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { withCode } from "../author/fixture.ts";
import { requireReal } from "../real/require_real.ts";
import { taskCommand } from "../real/task_command.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { type Ran, writ } from "./test_io.ts";

const MANIFEST = JSON.stringify({
  publisher: "acme",
  name: "hello",
  version: "1.0.0",
  sequence: 1,
  module: { sha256: `sha256:${"0".repeat(64)}`, length: 1, mediaType: "text/javascript" },
  requests: [],
  capabilities: [],
  runtime: "*",
  life: "fresh",
  idempotent: false,
  created: "2026-03-01T12:00:00Z",
});
const signer = generateSigner();

/** A folder with a document to sign, and a key, perhaps one with a passphrase. */
function place(passphrase?: string): TemporaryDir {
  const dir = new TemporaryDir();
  dir.file("manifest.json", MANIFEST);
  dir.file("a.pem", signerToPem(signer, passphrase));
  Deno.chmodSync(`${dir.path}/a.pem`, 0o600);
  return dir;
}

function isSigned(dir: TemporaryDir, key = signer.publicKey): boolean {
  const bytes = Deno.readFileSync(`${dir.path}/manifest.signed.json`);
  return signedBy(openEnvelope("manifest", bytes), [key]).size === 1;
}

const codeOf = (ran: Ran) => ran.json<{ error: { code: string } }>().error.code;

Deno.test("sign asks at a terminal for the passphrase of a key, and shows none of it", async () => {
  using dir = place("correct horse");
  const args = ["sign", "manifest.json", "--key", "a.pem"];
  const ran = await writ(args, { cwd: dir.path, terminal: true, stdin: "correct horse\n" });
  assert.equal(ran.exit, 0);
  assert.match(ran.stderr, /^Passphrase of "a\.pem": \n/);
  assert.ok(!(ran.stdout + ran.stderr).includes("correct horse"));
  assert.ok(isSigned(dir));
});

Deno.test("sign does not sign with a wrong passphrase, or with none", async (t) => {
  const cases = { "wrong\n": "passphrase", "\n": "not_confirmed", "": "not_confirmed" };
  for (const [stdin, code] of Object.entries(cases)) {
    await t.step(JSON.stringify(stdin), async () => {
      using dir = place("correct horse");
      const args = ["sign", "manifest.json", "--key", "a.pem", "--json"];
      const ran = await writ(args, { cwd: dir.path, terminal: true, stdin });
      assert.equal(codeOf(ran), code);
      assert.throws(() => isSigned(dir), Deno.errors.NotFound);
    });
  }
});

Deno.test("sign asks for nothing when the key has no passphrase", async () => {
  using dir = place();
  const args = ["sign", "manifest.json", "--key", "a.pem"];
  assert.equal((await writ(args, { cwd: dir.path, terminal: true })).stderr, "");
});

Deno.test("sign takes key and passphrase from descriptors that it was given", async () => {
  using dir = place("correct horse");
  dir.file("pass", "correct horse\n");
  const args = ["manifest.json", "--key", "fd:3", "--passphrase-fd", "4"];
  const command = [Deno.execPath(), ...taskCommand("writ", dir.path, ["sign", ...args])]
    .map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${command} 3< <(cat a.pem) 4< <(cat pass)`],
    cwd: dir.path,
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.ok(isSigned(dir));
});

Deno.test("sign refuses a descriptor that is none", async (t) => {
  const cases = {
    "fd:0": "usage",
    "fd:2": "usage",
    "fd:": "usage",
    "fd:x": "usage",
    "fd:99999": "usage",
    "fd:9998": "file",
  };
  for (const [key, code] of Object.entries(cases)) {
    await t.step(key, async () => {
      using dir = place();
      const ran = await writ(["sign", "manifest.json", "--key", key, "--json"], { cwd: dir.path });
      assert.equal(codeOf(ran), code);
    });
  }
});

Deno.test("keygen --encrypt asks twice, and makes no key of two passphrases", async () => {
  using dir = new TemporaryDir();
  const options = { cwd: dir.path, terminal: true };
  const args = ["keygen", "--out", "b.pem", "--encrypt"];
  const slip = await writ([...args, "--json"], { ...options, stdin: "one\ntwo\n" });
  assert.equal(codeOf(slip), "not_confirmed");
  assert.equal((await writ(args, { ...options, stdin: "one\none\n" })).exit, 0);
  assert.match(Deno.readTextFileSync(`${dir.path}/b.pem`), /ENCRYPTED PRIVATE KEY/);
});

const real = requireReal(["ssh-agent", "ssh-add", "ssh-keygen"]);
const ssh = { ignore: !real };

/** A real agent that holds one new Ed25519 key and one of another kind. */
async function withAgent(dir: TemporaryDir, body: (socket: string) => Promise<void>) {
  const socket = `${dir.path}/agent.sock`;
  const agent = new Deno.Command(real!["ssh-agent"], {
    args: ["-D", "-a", socket],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const said = agent.stdout.getReader();
  try {
    await said.read(); // listens
    for (const kind of ["ed25519", "ecdsa"]) {
      const file = `${dir.path}/id_${kind}`;
      const made = ["-q", "-t", kind, "-N", "", "-C", "Ada's key", "-f", file];
      await new Deno.Command(real!["ssh-keygen"], { args: made }).output();
      const env = { SSH_AUTH_SOCK: socket };
      await new Deno.Command(real!["ssh-add"], { args: ["-q", file], env }).output();
    }
    await body(socket);
  } finally {
    agent.kill("SIGTERM");
    await agent.status;
    await said.cancel();
  }
}

Deno.test({
  name: "sign has a real ssh-agent sign with a key that it alone holds",
  ...ssh,
  async fn() {
    using dir = place();
    await withAgent(dir, async (socket) => {
      Deno.removeSync(`${dir.path}/id_ed25519`);
      const args = ["sign", "manifest.json", "--key", "id_ed25519.pub", "--ssh-agent", socket];
      const ran = await writ(args, { cwd: dir.path });
      assert.equal(ran.exit, 0, ran.stderr);
      using agent = await SshAgent.connect(socket);
      const keys = await agent.keys();
      assert.equal(keys.length, 1);
      assert.ok(isSigned(dir, keys[0]!));
    });
  },
});

Deno.test({
  name: "sign refuses, with an ssh-agent, a key that it does not hold or that is not Ed25519",
  ...ssh,
  async fn() {
    using dir = place();
    await writ(["keygen", "--out", "other.pem"], { cwd: dir.path });
    await withAgent(dir, async (socket) => {
      const sign = async (key: string) => {
        const args = ["sign", "manifest.json", "--key", key, "--ssh-agent", socket, "--json"];
        return codeOf(await writ(args, { cwd: dir.path }));
      };
      assert.equal(await sign("other.pub.pem"), "ssh_agent");
      assert.equal(await sign("id_ecdsa.pub"), "not_a_key");
      assert.equal(await sign("id_ed25519"), "not_a_key");
      assert.throws(() => isSigned(dir), Deno.errors.NotFound);
    });
  },
});

Deno.test("SshAgent does not take an answer that is no signature of the key", async (t) => {
  const text = (bytes: Uint8Array | string) => {
    const body = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, body.length);
    return new Uint8Array([...head, ...body]);
  };
  const signed = (signature: Uint8Array) =>
    text(
      new Uint8Array([
        14,
        ...text(new Uint8Array([...text("ssh-ed25519"), ...text(signature)])),
      ]),
    );
  const message = new TextEncoder().encode("message");
  const answers = {
    "a signature of another message": signed(signer.sign(new Uint8Array(1))),
    "no signature": signed(new Uint8Array()),
    "a failure": text(new Uint8Array([5])),
    "an empty answer": text(new Uint8Array()),
    "a length beyond all bounds": new Uint8Array([255, 255, 255, 255]),
    "lengths that lie": text(new Uint8Array([14, 255, 0, 0, 0])),
    "an answer that is cut": signed(new Uint8Array(64)).subarray(0, 20),
  };
  const ask = async (answer: Uint8Array) => {
    using dir = new TemporaryDir();
    const socket = `${dir.path}/agent.sock`;
    using listener = Deno.listen({ transport: "unix", path: socket });
    const serving = listener.accept().then(async (conn) => {
      await conn.read(new Uint8Array(4096));
      await conn.write(answer);
      conn.close();
    });
    using agent = await SshAgent.connect(socket);
    try {
      return await agent.signerFor(signer.publicKey, message);
    } finally {
      await serving;
    }
  };
  const good = await ask(signed(signer.sign(message)));
  assert.deepEqual(good.sign(message), signer.sign(message));
  for (const [name, answer] of Object.entries(answers)) {
    await t.step(name, () => assert.rejects(ask(answer), withCode("AuthorError", "ssh_agent")));
  }
});
