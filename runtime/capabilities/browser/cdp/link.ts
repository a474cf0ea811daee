import type { ProtocolMapping } from "devtools-protocol/types/protocol-mapping.d.ts";

/** Commands of the DevTools protocol, with what each takes and gives. */
type Commands = ProtocolMapping.Commands;
/** Its events. */
type Events = ProtocolMapping.Events;
export type CommandName = keyof Commands;
export type EventName = keyof Events;
export type Params<Name extends CommandName> = Commands[Name]["paramsType"][0];
export type Result<Name extends CommandName> = Commands[Name]["returnType"];
export type EventParams<Name extends EventName> = Events[Name][0];

/** Carries whole messages to a browser and back. */
export interface Transport {
  send(message: string): void;
  /** Ends when the browser is gone. */
  readonly messages: AsyncIterable<string>;
  close(): void;
}

/** The browser said no to a command, or is gone. */
export class CdpError extends Error {
  override readonly name = "CdpError";
}

type Handler = (params: never, session: string | undefined) => void;

/**
 * A thin client of the DevTools protocol: commands are answered by promises, events go to whoever
 * asked for them. What is sent is sent in sequence, and the browser takes it so.
 *
 * @see Chrome DevTools Protocol, "Browser Protocol"
 */
export class CdpLink {
  readonly #transport: Transport;
  readonly #waiting = new Map<number, Waiting>();
  readonly #handlers = new Map<string, Set<Handler>>();
  readonly #gone = Promise.withResolvers<void>();
  #last = 0;
  #over = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#read();
  }

  /** Resolves when the browser is gone, or the link was closed. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** @throws {CdpError} when the browser refuses, or is gone */
  async send<Name extends CommandName>(
    method: Name,
    params?: Params<Name>,
    session?: string,
  ): Promise<Result<Name>> {
    if (this.#over) throw new CdpError(`${method}: the browser is gone`);
    const id = ++this.#last;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { session, ...answer });
    const target = session === undefined ? {} : { sessionId: session };
    this.#transport.send(JSON.stringify({ id, method, params, ...target }));
    return await answer.promise as Result<Name>;
  }

  /**
   * @param handle Is told of which session it is; of none for the browser itself.
   * @param session Only events of this session; of none in particular when it is left out.
   */
  on<Name extends EventName>(
    name: Name,
    handle: (params: EventParams<Name>, session: string | undefined) => void,
    session?: string,
  ): void {
    const key = keyOf(name, session);
    const handlers = this.#handlers.get(key) ?? new Set();
    this.#handlers.set(key, handlers.add(handle as Handler));
  }

  /** Forgets what was to be told of a session that is over, and answers what it does not any more. */
  forget(session: string): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.session !== session) continue;
      this.#waiting.delete(id);
      waiting.reject(new CdpError("the page is gone"));
    }
    for (const key of this.#handlers.keys()) {
      if (key.endsWith(keyOf("", session))) this.#handlers.delete(key);
    }
  }

  close(): void {
    this.#transport.close();
    this.#end();
  }

  async #read(): Promise<void> {
    try {
      for await (const message of this.#transport.messages) this.#take(JSON.parse(message));
    } catch {
      // It is gone, or talks nonsense: both end the link.
    }
    this.close();
  }

  #take({ id, result, error, method, params, sessionId }: Message): void {
    if (id === undefined) {
      for (const key of [keyOf(method ?? "", sessionId), keyOf(method ?? "", undefined)]) {
        for (const handle of this.#handlers.get(key) ?? []) {
          try {
            handle(params as never, sessionId);
          } catch {
            // What one event of one page does must not cost all pages their browser.
          }
        }
        if (sessionId === undefined) break;
      }
      return;
    }
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) answer?.reject(new CdpError(error.message));
    else answer?.resolve(result);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const answer of this.#waiting.values()) answer.reject(new CdpError("the browser is gone"));
    this.#waiting.clear();
    this.#gone.resolve();
  }
}

/** Somebody who waits for an answer. */
interface Waiting extends PromiseWithResolvers<unknown> {
  readonly session: string | undefined;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
}

function keyOf(name: string, session: string | undefined): string {
  return `${name} ${session ?? ""}`;
}
