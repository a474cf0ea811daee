import { ROOT } from "../../project/project_files.ts";
import { Service } from "../../real/service.ts";
import type { TestHub } from "../hub_fixture.ts";

/** What a {@linkcode HubProgram} is started with. */
export interface HubProgramOptions {
  stateDir: string;
  port: number;
  database?: string;
  bus?: string;
  /** The start of a command line, to run it in other surroundings. */
  inside?: readonly string[];
}

/** `writ hub` as a program of its own, which can be killed. */
export class HubProgram implements AsyncDisposable {
  readonly url: string;
  readonly #service: Service;

  private constructor(url: string, service: Service) {
    this.url = url;
    this.#service = service;
  }

  /** Starts it, and waits until it answers. */
  static async start(options: HubProgramOptions): Promise<HubProgram> {
    const { stateDir, port, database, bus, inside = [] } = options;
    const [program, ...args] = [
      ...[...inside, Deno.execPath(), "run", "-A", "--no-check"],
      ...["--config", `${ROOT}/deno.json`, `${ROOT}/main.ts`, "hub"],
      ...["--hub-state", stateDir, "--listen", `127.0.0.1:${port}`, "--json"],
      ...database === undefined ? [] : ["--database", database],
      ...bus === undefined ? [] : ["--bus", bus],
    ];
    const { service } = await Service.start(program!, {
      args,
      env: { HOME: Deno.env.get("HOME") ?? "/root", DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
      ready: /"url":"http/,
      timeoutMs: 60_000,
    });
    return new HubProgram(`http://127.0.0.1:${port}`, service);
  }

  get pid(): number {
    return this.#service.pid;
  }

  /** Ends it as a power cut does, but for what the system had not written yet. */
  async kill(): Promise<void> {
    Deno.kill(this.pid, "SIGKILL");
    await this.#service.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.stop();
  }
}

/** The folder of another hub with the keys of a first one. */
export function secondState({ folder, stateDir }: TestHub): string {
  const state = `${folder.path}/second`;
  Deno.mkdirSync(`${state}/tenants`, { recursive: true, mode: 0o700 });
  for (const name of ["hub.key", "tenants/acme.orderer.key"]) {
    Deno.copyFileSync(`${stateDir}/${name}`, `${state}/${name}`);
  }
  return state;
}
