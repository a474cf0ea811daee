/** A file that a mirror of signature databases serves, told by its name alone. */
export type DatabaseFile =
  /** The whole database, in a container its vendor signed. */
  | { readonly kind: "whole"; readonly database: string }
  /** What leads from the version before to this one. */
  | { readonly kind: "increment"; readonly database: string; readonly version: number }
  /** A vendor's signature of one of the other two, in a file of its own. */
  | { readonly kind: "signature"; readonly of: string; readonly database: string }
  /** A plain list of signatures that nobody but the admin vouches for. */
  | { readonly kind: "list"; readonly database: string };

const NAME = "[a-z][a-z0-9_]{0,31}";
const WHOLE = new RegExp(`^(${NAME})\\.cvd$`);
const INCREMENT = new RegExp(`^(${NAME})-([1-9][0-9]{0,8})\\.cdiff$`);
const SIGNATURE = new RegExp(`^((${NAME})(?:-[1-9][0-9]{0,8})?\\.(?:cvd|cdiff))\\.sign$`);
const LIST = new RegExp(`^(${NAME})\\.(?:hsb|hdb|ndb|ldb|yar)$`);

/** Reads a file's name; `undefined` for one that no mirror has, a path among them. */
export function parseDatabaseFile(name: string): DatabaseFile | undefined {
  const whole = WHOLE.exec(name);
  if (whole) return { kind: "whole", database: whole[1]! };
  const increment = INCREMENT.exec(name);
  if (increment) {
    return { kind: "increment", database: increment[1]!, version: Number(increment[2]) };
  }
  const signature = SIGNATURE.exec(name);
  if (signature) return { kind: "signature", of: signature[1]!, database: signature[2]! };
  const list = LIST.exec(name);
  return list ? { kind: "list", database: list[1]! } : undefined;
}
