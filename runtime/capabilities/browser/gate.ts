import type { CdpLink, Params } from "./cdp/link.ts";
import { refuseSite, type SiteRefusal, type Sites } from "./sites.ts";

/** What was not let through. */
export interface Refused {
  readonly why: SiteRefusal | "address" | "popup" | "download" | "too_many" | "sign";
  readonly origin: string;
}

/** What a {@linkcode Gate} works by. */
export interface GateOptions {
  readonly link: CdpLink;
  /** Of one page; without it, the browser's own: every document of every page. */
  readonly session?: string;
  readonly sites: Sites;
  /** What the proxy wants to be told. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** Whether a document's address may be connected to, where no proxy looks. */
  readonly checkAddress?: ((url: URL) => Promise<boolean>) | undefined;
  refused(refused: Refused): void;
}

/** Stands before every document that a page loads, its own and those of its frames, hop by hop. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Closes it: from now on documents pass one by one. */
  async close(): Promise<void> {
    const { link, session, credentials } = this.#options;
    link.on("Fetch.requestPaused", ({ requestId, request }, from) => {
      if (from !== session) return;
      this.#look(requestId, request.url).catch(() => {});
    }, session);
    link.on("Fetch.authRequired", ({ requestId, authChallenge }, from) => {
      if (from !== session) return;
      const isProxy = authChallenge.source === "Proxy" && credentials !== undefined;
      link.send("Fetch.continueWithAuth", {
        requestId,
        authChallengeResponse: isProxy
          ? { response: "ProvideCredentials", ...credentials }
          : { response: "CancelAuth" },
      }, session).catch(() => {});
    }, session);
    const patterns: Params<"Fetch.enable"> = {
      patterns: [{ urlPattern: "*", resourceType: "Document", requestStage: "Request" }],
      handleAuthRequests: credentials !== undefined,
    };
    await link.send("Fetch.enable", patterns, session);
  }

  async #look(requestId: string, url: string): Promise<void> {
    const { link, session, sites, checkAddress, refused } = this.#options;
    const why = refuseSite(sites, url) ??
      (await checkAddress?.(new URL(url)) === false ? "address" : undefined);
    if (why === undefined) {
      await link.send("Fetch.continueRequest", { requestId }, session);
      return;
    }
    refused({ why, origin: URL.canParse(url) ? new URL(url).origin : "" });
    await link.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" }, session);
  }
}
