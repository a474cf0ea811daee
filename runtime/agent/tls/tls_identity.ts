import { X509Certificate } from "node:crypto";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { AgentError, messageOf } from "../errors.ts";
import { syncFolder, writeDurably } from "../state/durable_write.ts";
import { readPrivateFile } from "../state/private_file.ts";
import { type CertificatePair, LEAF_MS, makeAuthority, makeLeaf } from "./certificates.ts";

/** A new certificate is made when less than this is left of the old one. */
const RENEW_MS = LEAF_MS / 3;

/** What an agent shows to whoever connects, and what they may pin. */
export interface TlsIdentity extends CertificatePair {
  /** The certificate that vouches for it, as PEM; absent for one that an operator brought. */
  readonly ca?: string;
  /** Of that certificate's DER. */
  readonly caDigest?: Digest;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** The files of an agent's own certificates. */
export function tlsPaths(folder: string) {
  return {
    caCert: `${folder}/ca.pem`,
    caKey: `${folder}/ca.key`,
    cert: `${folder}/agent.pem`,
    key: `${folder}/agent.pem.key`,
  };
}

/**
 * The agent's own certificate for these names: the stored one, or a new one when there is none, it
 * is soon over, or it is for other names. The authority behind it is made once and stays, since
 * others pin it.
 *
 * @param folder Made with mode 0700; the keys in it are 0600.
 * @param names Host names and addresses, without port or brackets.
 * @param now Milliseconds since the epoch.
 * @throws {AgentError} key_unreadable – a stored file is damaged, or others may read a key.
 * @throws {AgentError} disk_full, state_unreadable – a new one cannot be stored.
 */
export async function ownTls(
  folder: string,
  names: readonly string[],
  now: number,
): Promise<TlsIdentity> {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = tlsPaths(folder);
  const authority = await stored(
    { cert: paths.caCert, key: paths.caKey },
    ({ validToDate }) => validToDate.getTime() > now + LEAF_MS,
    () => makeAuthority(`Writ agent, made ${new Date(now).toISOString().slice(0, 10)}`, now),
  );
  const issuer = parse(authority.cert, paths.caCert);
  const leaf = await stored(
    paths,
    (cert) =>
      cert.validToDate.getTime() > now + RENEW_MS && sameNames(cert, names) &&
      cert.verify(issuer.publicKey),
    () => makeLeaf(authority, names, now),
  );
  const ca = issuer.raw;
  const expires = parse(leaf.cert, paths.cert).validToDate.getTime();
  return { ...leaf, ca: authority.cert, caDigest: digestOf(ca), expires };
}

/**
 * A certificate that an operator brought, with its chain in the same file.
 *
 * @throws {AgentError} key_unreadable – a file is missing, damaged, or the certificate is over.
 */
export async function broughtTls(
  files: { cert: string; key: string },
  now: number,
): Promise<TlsIdentity> {
  const read = async (path: string) => {
    try {
      return await Deno.readTextFile(path);
    } catch (cause) {
      throw unreadable(path, messageOf(cause), cause);
    }
  };
  const cert = await read(files.cert);
  const key = await read(files.key);
  const expires = parse(cert, files.cert).validToDate.getTime();
  if (expires <= now) throw unreadable(files.cert, "its time is over");
  return { cert, key, expires };
}

/** The stored pair, if it is still good; else a new one, its key stored before the certificate. */
async function stored(
  paths: { cert: string; key: string },
  isGood: (cert: X509Certificate) => boolean,
  make: () => Promise<CertificatePair>,
): Promise<CertificatePair> {
  const cert = readIfThere(paths.cert);
  if (cert !== undefined && isGood(parse(cert, paths.cert))) {
    // A certificate whose key is lost would be shown in vain.
    const hasKey = readIfThere(paths.key) !== undefined;
    if (hasKey) return { cert, key: readPrivateFile(paths.key, () => "") };
  }
  const pair = await make();
  writeDurably(paths.key, pair.key, 0o600);
  writeDurably(paths.cert, pair.cert, 0o600);
  syncFolder(paths.cert.slice(0, paths.cert.lastIndexOf("/")));
  return pair;
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(path, messageOf(cause), cause);
  }
}

function parse(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw unreadable(path, "it is no certificate", cause);
  }
}

function sameNames(cert: X509Certificate, names: readonly string[]): boolean {
  const written = (cert.subjectAltName ?? "").split(", ").length;
  return written === names.length &&
    names.every((name) => cert.checkHost(name) !== undefined || cert.checkIP(name) !== undefined);
}

function unreadable(path: string, found: string, cause?: unknown): AgentError {
  const message = `Cannot use "${path}" for TLS: ${found}`;
  return new AgentError("key_unreadable", message, { cause });
}
