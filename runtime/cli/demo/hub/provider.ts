import { packScript } from "../../../author/mod.ts";
import { digestOf } from "../../../core/digest.ts";
import type { AcceptList } from "../../../core/documents/acceptlist.ts";
import { DEFAULT_LIMITS } from "../../../core/documents/grant.ts";
import type { Root } from "../../../core/documents/root.ts";
import { sealDocument, sealPayload } from "../../../core/dsse.ts";
import { instantOf } from "../../../core/instant.ts";
import { generateSigner } from "../../../core/key.ts";
import { type RunningConsole, startConsole } from "../../../hub/console/mod.ts";
import { type Hub, startHub } from "../../../hub/mod.ts";
import { BROKEN_CHECKUP, CHECKUP, type DemoScript, filesOf, FIRMWARE } from "./scripts.ts";
import { Machine } from "./machine.ts";

export const TENANT = "acme";
export const ADMIN = "ada";
const DAY_MS = 86_400_000;
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/**
 * A service provider with one customer: a hub with its console, and the keys that lie elsewhere in
 * earnest. All of it is on loopback and in a folder that is gone afterwards.
 */
export class Provider implements AsyncDisposable {
  readonly dir: string;
  readonly hub: Hub;
  readonly console: RunningConsole;
  readonly machines: Machine[] = [];
  readonly #root = generateSigner();
  readonly #accept = generateSigner();
  readonly #operator = generateSigner();
  readonly #publisher = generateSigner();
  /** By hash, so that agents also go back to the one before. */
  readonly #accepted: AcceptList["accept"] = [];

  private constructor(dir: string, hub: Hub, console: RunningConsole) {
    this.dir = dir;
    this.hub = hub;
    this.console = console;
  }

  static async open(): Promise<Provider> {
    const dir = await Deno.makeTempDir({ prefix: "writ-hub-" });
    const hub = await startHub({ stateDir: `${dir}/hub`, listen: LOOPBACK });
    const provider = new Provider(dir, hub, await startConsole({ hub, listen: LOOPBACK }));
    await hub.services.tenants.create("system", { id: TENANT, roots: [provider.#firstRoot()] });
    for (const script of [CHECKUP, BROKEN_CHECKUP, FIRMWARE]) await provider.#publish(script);
    await hub.services.lists.put(TENANT, "system", provider.#firstList());
    return provider;
  }

  /** Lets a machine in with a token of its own, and starts its agent. */
  async enrol(name: string, labels: string[], approved = true): Promise<Machine> {
    const { enrolment } = this.hub.services;
    const asked = { expiresMs: DAY_MS, approved, labels };
    const { token } = await enrolment.create(TENANT, `user:${ADMIN}`, asked);
    const machine = await Machine.enrol(`${this.dir}/${name}`, name, this.hub.url, token);
    this.machines.push(machine);
    return machine;
  }

  /** Invites the admin, who takes the invitation up. @returns the password. */
  async invite(): Promise<string> {
    const { users } = this.console.users;
    const asked = { name: ADMIN, role: "admin" } as const;
    const { invitation } = await users.invite(TENANT, "system", asked);
    const password = crypto.randomUUID();
    await users.accept(TENANT, invitation, password);
    return password;
  }

  /** A list that whoever has stolen the hub would sign, with the only keys that are there. */
  stolenList(): Uint8Array {
    const { fleet, ...list } = this.#list();
    return sealDocument("acceptlist", { ...list, fleet, version: 2 }, [generateSigner()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.machines) await machine[Symbol.asyncDispose]();
    await this.console[Symbol.asyncDispose]();
    await this.hub.stop();
    await Deno.remove(this.dir, { recursive: true });
  }

  async #publish(script: DemoScript): Promise<void> {
    const { content, scripts } = this.hub.services;
    const folder = `${this.dir}/scripts/${script.name}-${script.version}`;
    await Deno.mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(filesOf(script))) {
      await Deno.writeTextFile(`${folder}/${file}`, text);
    }
    const { payload, module } = await packScript(folder);
    const sha256 = digestOf(module);
    this.#accepted.push({ script: `acme/${script.name}`, sha256 });
    await content.put(TENANT, sha256, ReadableStream.from([module]));
    const envelope = sealPayload("manifest", payload, [this.#publisher]);
    await scripts.publish(TENANT, `user:${ADMIN}`, envelope);
  }

  #firstRoot(): Uint8Array {
    const only = ({ publicKey }: { publicKey: Root["roles"]["root"]["keys"][number] }) => ({
      keys: [publicKey],
      threshold: 1,
    });
    const root: Root = {
      fleet: TENANT,
      version: 1,
      epoch: 1,
      issued: instantOf(Date.now()),
      expires: instantOf(Date.now() + 365 * DAY_MS),
      roles: { root: only(this.#root), accept: only(this.#accept) },
      orderers: { operator: only(this.#operator), hub: only(this.hub.ordererOf(TENANT)) },
    };
    return sealDocument("root", root, [this.#root]);
  }

  #firstList(): Uint8Array {
    return sealDocument("acceptlist", this.#list(), [this.#accept]);
  }

  #list(): AcceptList {
    const { publicKey: key } = this.#publisher;
    const grant = { orders: ["hub", "operator"], limits: DEFAULT_LIMITS };
    return {
      fleet: TENANT,
      epoch: 1,
      version: 1,
      issued: instantOf(Date.now()),
      expires: instantOf(Date.now() + 30 * DAY_MS),
      prev: null,
      publishers: { acme: { keys: [{ key, state: "active" }], threshold: 1 } },
      accept: this.#accepted,
      deny: [],
      grants: [
        { script: "acme/checkup", ...grant, permissions: {} },
        {
          script: "acme/firmware",
          ...grant,
          permissions: {
            net: [{ address: "192.168.1.20:9100", internal: false }],
            unsafe: [{ permission: "run", value: "/usr/bin/lp", reason: "talks to the spooler" }],
          },
        },
      ],
      labels: {},
    };
  }
}
