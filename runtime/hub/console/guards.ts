import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { HubError } from "../errors.ts";
import { type ConsoleContext, type ConsoleEnv, Form } from "./environment.ts";
import { CONSOLE_LIMITS } from "./limits.ts";

type Guard = MiddlewareHandler<ConsoleEnv>;

/**
 * Headers of every answer: only the console's own files may style, script or be sent to, nothing may
 * frame a page, and no page is kept.
 */
export function safePages(origin: string): Guard {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // Forms would lose their Origin under "no-referrer".
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    strictTransportSecurity: origin.startsWith("https:") && "max-age=31536000",
    crossOriginOpenerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  });
  return async (c, next) => {
    await headers(c, next);
    if (!c.res.headers.has("cache-control")) c.res.headers.set("Cache-Control", "no-store");
  };
}

/** Answers to the console's own name alone, so that no other name can be made to lead here. */
export function ownHost(origin: string): Guard {
  const { host } = new URL(origin);
  return async (c, next) => {
    if ((c.req.header("host") ?? new URL(c.req.url).host).toLowerCase() !== host) {
      throw new HubError("forbidden", "Cannot answer under another name than the console's own");
    }
    await next();
  };
}

/**
 * Takes a form only from the console's own pages: the browser says which page sent it, and the form
 * brings what only a page of this session could know.
 */
export function ownForms(origin: string): Guard {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    if (c.req.header("origin") !== origin) {
      throw new HubError("forbidden", "Cannot take a form that another site sent");
    }
    return await bodyLimit({ maxSize: mostOf(c), onError: tooLarge })(c, async () => {
      const form = await readForm(c);
      const visitor = c.get("visitor");
      if (visitor && !sameText(form.text("form"), visitor.formToken)) {
        throw new HubError("forbidden", "Cannot take a form that no page of this session sent");
      }
      c.set("form", form);
      await next();
    });
  };
}

/** How long a form may be: only who may order, or hand in lists, sends files along. */
function mostOf(c: ConsoleContext): number {
  if (!maySendFiles(c)) return CONSOLE_LIMITS.FORM_BYTES;
  return isOfLists(c) ? CONSOLE_LIMITS.DOCUMENT_FORM_BYTES : CONSOLE_LIMITS.ATTACHMENT_FORM_BYTES;
}

function maySendFiles(c: ConsoleContext): boolean {
  const scopes = c.get("visitor")?.actor.scopes;
  if (isOfLists(c)) return scopes?.has("lists:read") === true;
  const isOrder = /^\/scripts\/[^/]+\/[^/]+\/order$/.test(c.req.path);
  return isOrder && scopes?.has("orders:write") === true;
}

function isOfLists(c: ConsoleContext): boolean {
  return /^\/accept-list(\/|$)/.test(c.req.path);
}

async function readForm(c: ConsoleContext): Promise<Form> {
  const type = c.req.header("content-type") ?? "";
  const hasFiles = /^multipart\/form-data;/i.test(type);
  if (hasFiles && maySendFiles(c)) return await readFormWithFiles(c);
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type)) {
    throw new HubError("bad_request", "Cannot read the form as it is not written as forms are");
  }
  return new Form(new URLSearchParams(await c.req.text()));
}

async function readFormWithFiles(c: ConsoleContext): Promise<Form> {
  const fields = new URLSearchParams();
  const files: File[] = [];
  try {
    for (const [name, value] of await c.req.raw.formData()) {
      if (typeof value === "string") fields.append(name, value);
      // A field for files that was left empty comes as a file without a name.
      else if (value.name !== "") files.push(value);
    }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new HubError("bad_request", "Cannot read the form as its parts are not whole", { cause });
  }
  return new Form(fields, files);
}

function tooLarge(): never {
  throw new HubError("too_large", "Cannot read the form as it is too long");
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
