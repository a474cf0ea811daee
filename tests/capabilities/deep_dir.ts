import { ScratchDirs } from "../../runtime/capabilities/dir.ts";
import { nest } from "./nested.ts";

// In a process of its own, as an agent that removes such a folder by recursion is killed by it.
const [root] = Deno.args;
const dirs = new ScratchDirs(root!, () => Promise.resolve(undefined));
const scratch = await dirs.take("acme/deep", { quotaBytes: 1_000_000, fresh: true });
nest(scratch.path, 20_000);
await scratch[Symbol.asyncDispose]();
nest(`${root}/runs/left-by-a-killed-agent`, 1_000);
await dirs.sweep();
