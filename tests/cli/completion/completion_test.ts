import assert from "node:assert/strict";
import { FleetFolder } from "../fleet_folder.ts";
import { requireReal } from "../../real/require_real.ts";
import { writ } from "../test_io.ts";

const bash = requireReal(["bash"]);
const fish = requireReal(["fish"]);
const zsh = requireReal(["zsh"]);

/** A fleet with the completion of a shell in it. */
async function place(shell: string): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  fleet.file("completion", (await fleet.done("completion", shell)).stdout);
  fleet.file("deep/letter one.pdf", "");
  return fleet;
}

async function run(program: string, fleet: FleetFolder, text: string): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args: ["-c", text],
    cwd: fleet.path,
    env: { HOME: fleet.path },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  // Outside of a completion by hand bash has nothing to set options of.
  assert.equal(said.replace(/^.*compopt: not currently executing.*\n/gm, ""), "");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").sort();
}

const CASES: readonly (readonly [line: string[], has: string[], lacks: string[]])[] = [
  [["writ", "pa"], ["pack"], ["policy", "help"]],
  [["writ", "policy", ""], ["check", "explain"], ["pack"]],
  [["writ", "policy", "check", "--"], ["--fleet", "--json"], ["--grant"]],
  [["writ", "try", "--gr"], ["--grant"], ["--input"]],
  [["writ", "try", "--grant", "policy/g"], ["policy/grants"], []],
  [["writ", "try", "--input", ""], [], ["policy", "--grant"]],
  [["writ", "order", ""], ["example/hello"], ["policy"]],
  [["writ", "order", "example/hello", "--fo"], ["--follow"], []],
  [["writ", "order", "example/hello", "--attach", "deep/"], ["deep/letter one.pdf"], []],
  [["writ", "-C", "pol"], ["policy"], ["policy/fleet.yaml"]],
  [["writ", "completion", ""], ["bash", "fish", "zsh"], []],
];

const nameOf = (line: readonly string[]) => line.join(" ");

Deno.test({
  name: "completion bash offers, in a real bash, what fits",
  ignore: !bash,
  async fn(t) {
    using fleet = await place("bash");
    for (const [line, has, lacks] of CASES) {
      await t.step(nameOf(line), async () => {
        const words = line.map((word) => `'${word}'`).join(" ");
        const offered = await run(
          bash!.bash,
          fleet,
          `source ./completion; COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _writ;
           printf '%s\\n' "\${COMPREPLY[@]}"`,
        );
        for (const word of has) assert.ok(offered.includes(word), `${word}: ${offered}`);
        for (const word of lacks) assert.ok(!offered.includes(word), `${word}: ${offered}`);
      });
    }
  },
});

Deno.test({
  name: "completion fish offers, in a real fish, what fits",
  ignore: !fish,
  async fn(t) {
    using fleet = await place("fish");
    for (const [line, has, lacks] of CASES) {
      await t.step(nameOf(line), async () => {
        const asked = `source ./completion; complete -C '${line.join(" ")}'`;
        const offered = (await run(fish!.fish, fleet, asked))
          .map((entry) => entry.split("\t")[0]!.replace(/\/$/, "").replaceAll("\\ ", " "));
        for (const word of has) assert.ok(offered.includes(word), `${word}: ${offered}`);
        for (const word of lacks) assert.ok(!offered.includes(word), `${word}: ${offered}`);
      });
    }
  },
});

Deno.test({
  name: "completion zsh is read by a real zsh",
  ignore: !zsh,
  async fn() {
    using fleet = await place("zsh");
    const asked =
      "autoload -Uz compinit && compinit -u -D; source ./completion; echo $_comps[writ]";
    assert.deepEqual(await run(zsh!.zsh, fleet, asked), ["_writ"]);
  },
});

Deno.test("completion exits 2 for a shell that it does not know", async () => {
  assert.equal((await writ(["completion", "tcsh"])).exit, 2);
});
