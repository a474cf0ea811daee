import assert from "node:assert/strict";
import { generateSigner } from "../../runtime/core/key.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { requireReal } from "../real/require_real.ts";
import { taskCommand } from "../real/task_command.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const real = requireReal(["script", "stty"]);

/** Types these keys at the question of `writ sign`, in a terminal; everything that it shows. */
async function typeAt(dir: TemporaryDir, keys: string): Promise<string> {
  const sign = ["sign", "doc.json", "--key", "a.pem"];
  const command = [Deno.execPath(), ...taskCommand("writ", dir.path, sign)].join(" ");
  const child = new Deno.Command(real!.script, {
    args: ["-qec", `${command}; stty -a`, "/dev/null"],
    cwd: dir.path,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let shown = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const asked = shown.includes("Passphrase of");
    shown += text;
    if (!asked && shown.includes("Passphrase of")) {
      await keyboard.write(new TextEncoder().encode(keys));
    }
  }
  await child.status;
  await keyboard.abort();
  return shown;
}

Deno.test({
  name: "sign reads a passphrase at a real terminal, shows nothing of it, and leaves echo on",
  ignore: !real,
  async fn(t) {
    using dir = new TemporaryDir();
    dir.file("doc.json", '{"x":1}');
    dir.file("a.pem", signerToPem(generateSigner(), "höre"));
    Deno.chmodSync(`${dir.path}/a.pem`, 0o600);
    // What is typed, and what is then said: a key that opens leads on to the document.
    const cases = {
      "höre\r": /no manifest, order/,
      "hörö\x7fe\r": /no manifest, order/,
      "wrong\x15höre\r": /no manifest, order/,
      "wrong\r": /with this passphrase/,
      "wro\x03": /no passphrase was given/,
    };
    for (const [keys, said] of Object.entries(cases)) {
      await t.step(JSON.stringify(keys), async () => {
        const shown = await typeAt(dir, keys);
        assert.match(shown, said);
        assert.doesNotMatch(shown, /h.{0,2}re|wro/);
        assert.match(shown, /[ \n]echo\b/);
      });
    }
  },
});
