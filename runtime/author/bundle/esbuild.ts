import type * as Esbuild from "esbuild-wasm";

export type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from "esbuild-wasm";

let started: Promise<typeof Esbuild> | undefined;

/**
 * The bundler, started at its first use. It is WebAssembly in this process: no program to run and
 * no right to a file, so it sees only what a plugin of ours hands it.
 */
export function startedEsbuild(): Promise<typeof Esbuild> {
  return started ??= start();
}

async function start(): Promise<typeof Esbuild> {
  const esbuild = await import("esbuild-wasm/esm/browser.min.js") as unknown as typeof Esbuild;
  const file = new URL(import.meta.resolve("esbuild-wasm/esbuild.wasm"));
  const wasmModule = await WebAssembly.compile(await Deno.readFile(file));
  await esbuild.initialize({ wasmModule, worker: false });
  return esbuild;
}
