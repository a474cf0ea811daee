import * as v from "valibot";
import { type CapabilityAnswer, CapabilityError, type UnreadBody } from "../sandbox/mod.ts";

/** One call of a script. All of it is a stranger's. */
export interface CapabilityCall {
  readonly params: unknown;
  readonly body: Uint8Array;
  /** Aborted when the run or request that it belongs to is over. */
  readonly signal: AbortSignal;
  /** What the script has not read of the request that it belongs to, when that has a body. */
  readonly unread?: UnreadBody | undefined;
}

/** Answers the calls of one method, at once or later; a refusal is thrown. */
export type Method = (call: CapabilityCall) => CapabilityAnswer | Promise<CapabilityAnswer>;

/** A service of the agent as one run or request has it. */
export interface Capability {
  /** Under which `ctx` shows it. */
  readonly name: string;
  /** What the worker must know of it. Plain JSON. */
  readonly shown: unknown;
  /** By the whole name of the method: `store.get`. */
  readonly methods: ReadonlyMap<string, Method>;
}

/**
 * Reads the params of a call.
 *
 * @throws {CapabilityError} invalid – when they are not what the method takes
 */
export function readParams<S extends v.GenericSchema>(
  schema: S,
  params: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, params, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = issue.path?.map(({ key }) => String(key)).join(".").slice(0, 100);
  const found = `${path ? `${path}: ` : ""}${issue.message}`.slice(0, 300);
  throw new CapabilityError(
    "invalid",
    `Cannot take the call as its values are not right: ${found}`,
  );
}
