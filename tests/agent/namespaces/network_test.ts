import assert from "node:assert/strict";
import { exists } from "../../../runtime/author/path_kind.ts";
import { until } from "../../until.ts";
import { within } from "../../within.ts";
import { haveNamespaces } from "./namespaces.ts";

const DEMO = new URL("../../../runtime/cli/demo/network/", import.meta.url);
const HELD = new URL("./held_network.ts", import.meta.url).pathname;
const ignore = !await haveNamespaces();

Deno.test({
  name: "a network is gone, and all that runs on its machines, when its maker is killed",
  ignore,
  async fn() {
    const maker = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", HELD],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const { value } = await within(maker.stdout.getReader().read(), "what it started");
    const paths = new TextDecoder().decode(value).trim().split(" ").map((pid) => `/proc/${pid}`);
    const left = async () => (await Promise.all(paths.map((path) => exists(path)))).filter(Boolean);
    assert.deepEqual(await left(), [true, true]);
    maker.kill("SIGKILL");
    await maker.status;
    await until(async () => (await left()).length === 0);
  },
});

Deno.test({
  name: "whyNoNamespaces() says what the machine said to somebody without the right",
  ignore: ignore || Deno.uid() !== 0,
  async fn() {
    const asked = `const { whyNoNamespaces } = await import("${DEMO}namespace.ts");
      console.log(await whyNoNamespaces());`;
    const { stdout } = await new Deno.Command("/usr/bin/setpriv", {
      args: ["--bounding-set=-all", "--inh-caps=-all", Deno.execPath(), "eval", asked],
    }).output();
    assert.match(new TextDecoder().decode(stdout), /^unshare.*not permitted\n$/);
  },
});
