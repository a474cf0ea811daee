import { existsSync } from "node:fs";
import { generateSigner, type Signer } from "../core/key.ts";
import { signerFromPem, signerToPem } from "../core/pem.ts";
import { isName } from "../core/documents/common.ts";
import { readPrivateFile } from "../agent/state/private_file.ts";
import { openStateDir } from "../agent/state/state_dir.ts";
import { messageOf } from "../agent/errors.ts";
import { writeDurably } from "../agent/state/durable_write.ts";
import { loadOperatorToken, tokenCheck } from "../agent/state/operator_token.ts";
import { HubError } from "./errors.ts";

/** The folder of one hub: its keys, and its database where that is a file. */
export interface HubState extends Disposable {
  readonly path: string;
  /** Where the database lies unless another one is named. */
  readonly database: string;
  /** Proves the hub to its agents. */
  readonly signer: Signer;
  /** Of this very folder; hubs that share a database share their keys, and not this. */
  readonly instance: string;
  /** Where a certificate of the hub's own is kept, and what vouches for it. */
  readonly tls: string;
  /** Holds the URL of the hub while it runs. */
  readonly address: string;
  /** Holds the URL by which other machines reach it. */
  readonly agentsAddress: string;
  /** The key by which the hub orders for a tenant; made when it is not there. */
  makeOrderer(tenant: string): Signer;
  /** The same; `undefined` where it is not there, as another hub made the tenant. */
  findOrderer(tenant: string): Signer | undefined;
  /** Whether this is the token of whoever runs the hub, which lies in the folder. */
  isOperator(token: string): boolean;
  /** Keeps the token that a tenant's first admin uses. @returns its file. */
  keepToken(tenant: string, token: string): string;
}

/**
 * Opens the folder of a hub: closed to others, and locked for one hub.
 *
 * @throws {AgentError} state_permissions, state_locked, state_unreadable – it cannot be used
 * @throws {HubError} state – a key in it cannot be used
 */
export function openHubState(path: string): HubState {
  const dir = openStateDir(path);
  const orderers = new Map<string, Signer>();
  const tenants = `${path}/tenants`;
  function orderer(tenant: string, make: boolean): Signer | undefined {
    if (!isName(tenant)) throw new TypeError(`Cannot keep a key for "${tenant}"`);
    const file = `${tenants}/${tenant}.orderer.key`;
    const known = orderers.get(tenant) ?? (make || existsSync(file) ? readKey(file) : undefined);
    if (known) orderers.set(tenant, known);
    return known;
  }
  try {
    Deno.mkdirSync(tenants, { recursive: true, mode: 0o700 });
    const isOperator = tokenCheck(loadOperatorToken(`${path}/operator.token`));
    const signer = readKey(`${path}/hub.key`);
    return {
      path,
      database: `${path}/hub.db`,
      address: `${path}/hub.url`,
      agentsAddress: `${path}/agents.url`,
      tls: `${path}/tls`,
      signer,
      isOperator,
      instance: readPrivateFile(`${path}/instance`, () => crypto.randomUUID()),
      makeOrderer: (tenant) => orderer(tenant, true)!,
      findOrderer: (tenant) => orderer(tenant, false),
      keepToken(tenant, token) {
        const file = `${tenants}/${tenant}.token`;
        writeDurably(file, token + "\n");
        return file;
      },
      [Symbol.dispose]: () => dir[Symbol.dispose](),
    };
  } catch (error) {
    dir[Symbol.dispose]();
    throw error;
  }
}

function readKey(path: string): Signer {
  try {
    return signerFromPem(readPrivateFile(path, () => signerToPem(generateSigner())));
  } catch (cause) {
    throw new HubError("state", `Cannot use the key "${path}": ${messageOf(cause)}`, { cause });
  }
}
