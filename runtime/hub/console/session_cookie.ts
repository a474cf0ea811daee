import { getCookie, setCookie } from "hono/cookie";
import type { ConsoleContext } from "./environment.ts";
import { hashOf } from "../access/secret.ts";

/** Browsers take a name like this only from the host itself, over TLS or from this machine. */
const NAME = "__Host-writ";

const ATTRIBUTES = { path: "/", secure: true, httpOnly: true, sameSite: "Strict" } as const;

/** What the browser sent as its session; empty when nothing. */
export function sessionCookie(c: ConsoleContext): string {
  return getCookie(c, NAME) ?? "";
}

/** Gives the browser its session; it forgets it when it is closed. */
export function giveSession(c: ConsoleContext, cookie: string): void {
  setCookie(c, NAME, cookie, ATTRIBUTES);
}

/** Takes it back. */
export function takeSession(c: ConsoleContext): void {
  setCookie(c, NAME, "", { ...ATTRIBUTES, maxAge: 0 });
}

/** What forms of a session carry: whoever knows it knows the cookie, which no page can read. */
export function formTokenOf(cookie: string): string {
  return hashOf(`form ${cookie}`);
}
