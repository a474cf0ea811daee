import { lookup } from "node:dns/promises";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps, type RequestOptions } from "node:https";
import type { LookupFunction } from "node:net";
import { reachOf } from "../../policy/mod.ts";

/** What is posted, and how far it may go. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether addresses of this machine and its network may be told, too. */
  readonly inside: boolean;
  readonly signal: AbortSignal;
}

/**
 * Posts to an address, and follows it nowhere. A name is resolved here, and what was looked at is
 * what is connected to: a tenant's word must not reach what only the hub's network does.
 *
 * @returns The status of the answer.
 */
export async function postMessage(
  address: string,
  { headers, body, inside, signal }: Message,
): Promise<number> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!inside && reachOf(host) !== "public" && reachOf(host) !== "name") throw inward();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const options: RequestOptions = {
    method: "POST",
    headers: { ...headers, "content-length": String(new TextEncoder().encode(body).length) },
    agent: false,
    signal,
    ...(!inside && { lookup: lookUpOutside }),
  };
  const request = (url.protocol === "http:" ? requestByHttp : requestByHttps)(
    url,
    options,
    (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    },
  );
  request.on("error", reject);
  request.end(body);
  return await promise;
}

const lookUpOutside: LookupFunction = (host, { all }, tell) => {
  lookup(host, { all: true }).then((found) => {
    const outside = found.filter(({ address }) => reachOf(address) === "public");
    const [first] = outside;
    if (!first) tell(inward(), "");
    else if (all) tell(null, outside);
    else tell(null, first.address, first.family);
  }, (error) => tell(error, ""));
};

function inward(): Error {
  return new Error("the address lies inside the hub's network");
}
