import type { IppAttributes, IppData, IppGroup, IppMessage } from "./message.ts";

/** One attribute: its name, the tag of its values, and them. */
export type Row = readonly [name: string, tag: number, ...data: IppData[]];

/** Attributes from rows of name, tag and values. A row without values is left out. */
export function attributesFrom(rows: readonly Row[]): IppAttributes {
  return new Map(
    rows.filter((row) => row.length > 2)
      .map(([name, tag, ...data]) => [name, data.map((data) => ({ tag, data }))]),
  );
}

/** The attributes of the first group with this tag; none when there is none. */
export function attributesOf(message: IppMessage, tag: number): IppAttributes {
  return message.groups.find((group) => group.tag === tag)?.attributes ?? new Map();
}

/** The groups with this tag. */
export function groupsOf(message: IppMessage, tag: number): IppGroup[] {
  return message.groups.filter((group) => group.tag === tag);
}

/** The first value of an attribute, where it is text. */
export function textOf(attributes: IppAttributes, name: string): string | undefined {
  const data = attributes.get(name)?.[0]?.data;
  return typeof data === "string" ? data : undefined;
}

/** The first value of an attribute, where it is a number. */
export function numberOf(attributes: IppAttributes, name: string): number | undefined {
  const data = attributes.get(name)?.[0]?.data;
  return typeof data === "number" ? data : undefined;
}

/** The first value of an attribute, where it is a boolean. */
export function flagOf(attributes: IppAttributes, name: string): boolean | undefined {
  const data = attributes.get(name)?.[0]?.data;
  return typeof data === "boolean" ? data : undefined;
}

/** All values of an attribute that are text. */
export function textsOf(attributes: IppAttributes, name: string): string[] {
  return (attributes.get(name) ?? []).map(({ data }) => data)
    .filter((data) => typeof data === "string");
}

/** Whether two values say the same. */
export function sameValue(a: IppData, b: IppData): boolean {
  if (a instanceof Map || b instanceof Map) {
    return a instanceof Map && b instanceof Map && a.size === b.size &&
      [...a].every(([name, values]) => {
        const others = b.get(name) ?? [];
        return values.length === others.length &&
          values.every(({ data }, i) => sameValue(data, others[i]!.data));
      });
  }
  return typeof a === typeof b && String(a) === String(b);
}

/** Strangers' words: none of them moves the reader's cursor. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}

/** Strangers' words as a name, or a keyword. */
export function asName(text: string): string {
  return fit(plain(text), 255);
}

/** Reasons of one job or printer that are passed on. */
export const MOST_REASONS = 16;

/** Why a job or a printer is as it is; printers say `none` where there is no reason. */
export function reasonsOf(attributes: IppAttributes, name: string): string[] {
  return textsOf(attributes, name).slice(0, MOST_REASONS).map(asName)
    .filter((reason) => reason !== "none" && reason !== "");
}

/** Whether it counts something, as far as IPP can. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}

/** As much of a text as fits, in whole characters. */
export function fit(text: string, octets: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(octets)).read);
}
