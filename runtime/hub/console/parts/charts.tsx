import { visible } from "./visible.ts";
import type { Tone } from "./said.tsx";
import { count, share } from "./words.ts";

/** One part of a whole. */
export interface Part {
  readonly word: string;
  readonly amount: number;
  readonly tone: Tone;
  /** Where the part is shown by itself. */
  readonly href?: string;
}

const WIDTH = 600;
const RING = 2 * Math.PI * 40;

/** A ring with its parts, the whole in the middle, and the figures beside it as text. */
export function Ring({ title, parts }: { title: string; parts: readonly Part[] }) {
  const whole = parts.reduce((sum, { amount }) => sum + amount, 0);
  let begun = 0;
  return (
    <figure class="ring">
      <svg viewBox="0 0 100 100" role="img" aria-label={labelOf(title, parts)}>
        <circle class="track" cx="50" cy="50" r="40" />
        {parts.filter(({ amount }) => amount > 0).map(({ amount, tone }) => {
          const length = share(amount, whole) * RING;
          const dash = `${length} ${RING - length}`;
          const offset = -begun;
          begun += length;
          return (
            <circle
              class={`arc ${tone}`}
              cx="50"
              cy="50"
              r="40"
              stroke-dasharray={dash}
              stroke-dashoffset={offset}
              transform="rotate(-90 50 50)"
            />
          );
        })}
        <text x="50" y="54" text-anchor="middle">{count(whole)}</text>
      </svg>
      <figcaption>
        <h3>{title}</h3>
        <Legend parts={parts} />
      </figcaption>
    </figure>
  );
}

function Legend({ parts }: { parts: readonly Part[] }) {
  return (
    <ul class="legend">
      {parts.map(({ word, amount, tone, href }) => (
        <li>
          <span class={`dot ${tone}`} />
          {href ? <a href={href}>{visible(word)}</a> : visible(word)}
          <b>{count(amount)}</b>
        </li>
      ))}
    </ul>
  );
}

/** One bar with its parts beside each other; what is quiet is left bare. */
export function Stack({ title, parts }: { title: string; parts: readonly Part[] }) {
  const whole = parts.reduce((sum, { amount }) => sum + amount, 0);
  let begun = 0;
  return (
    <svg
      class="stack-bar"
      viewBox={`0 0 ${WIDTH} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={labelOf(title, parts)}
    >
      <rect class="track" width={WIDTH} height="10" />
      {parts.filter(({ amount }) => amount > 0).map(({ amount, tone }) => {
        const x = begun;
        const width = share(amount, whole) * WIDTH;
        begun += width;
        if (tone === "quiet") return null;
        return <rect class={tone} x={x} width={width} height="10" />;
      })}
    </svg>
  );
}

/** Bars, the longest for the largest amount. */
export function Bars({ title, parts }: { title: string; parts: readonly Part[] }) {
  const most = Math.max(1, ...parts.map(({ amount }) => amount));
  return (
    <figure class="bars">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      {parts.length === 0 ? <p class="empty">Nothing is known yet</p> : (
        <ul>
          {parts.map(({ word, amount, tone, href }) => (
            <li>
              <span class="word">{href ? <a href={href}>{visible(word)}</a> : visible(word)}</span>
              <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
                <rect class="track" width={WIDTH} height="10" rx="5" />
                <rect
                  class={tone}
                  width={Math.max(6, share(amount, most) * WIDTH)}
                  height="10"
                  rx="5"
                />
              </svg>
              <b>{count(amount)}</b>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

/** One column of a chart of what happened. */
export interface ChartColumn {
  readonly word: string;
  readonly href: string;
  readonly parts: readonly Part[];
}

const HEIGHT = 120;
const STEP = 24;

/**
 * Columns from old to new, each as high as its share of the highest; each leads to its page.
 *
 * @param unit What is counted.
 */
export function Columns(
  { title, unit, columns }: { title: string; unit: string; columns: readonly ChartColumn[] },
) {
  const wholeOf = ({ parts }: ChartColumn) => parts.reduce((sum, { amount }) => sum + amount, 0);
  const most = Math.max(1, ...columns.map(wholeOf));
  if (columns.length === 0) return <p class="empty">Nothing was ordered yet</p>;
  // The newest stands at the right end, however few there are.
  const places = Math.max(columns.length, 12);
  const placeOf = (i: number) => (places - columns.length + i) * STEP;
  return (
    <figure class="columns">
      <svg
        viewBox={`0 0 ${places * STEP} ${HEIGHT}`}
        preserveAspectRatio="xMaxYMax meet"
        role="group"
        aria-label={title}
      >
        {columns.map((column, i) => {
          let top = HEIGHT;
          return (
            <a href={column.href} aria-label={labelOf(column.word, column.parts)}>
              <title>{labelOf(column.word, column.parts)}</title>
              <rect class="hit" x={placeOf(i)} width={STEP} height={HEIGHT} />
              {column.parts.filter(({ amount }) => amount > 0).map(({ amount, tone }) => {
                const height = Math.max(3, share(amount, most) * (HEIGHT - 6));
                top -= height;
                return (
                  <rect
                    class={tone}
                    x={placeOf(i) + 4}
                    y={top}
                    width={STEP - 8}
                    height={height}
                    rx="2"
                  />
                );
              })}
            </a>
          );
        })}
      </svg>
      <figcaption>
        <p class="axis">
          <span>older</span> <span>the highest: {count(most)} {unit}</span> <span>newer</span>
        </p>
        <Key parts={columns.flatMap(({ parts }) => parts)} />
      </figcaption>
    </figure>
  );
}

/** What the colours of a chart stand for: those that it has. */
function Key({ parts }: { parts: readonly Part[] }) {
  const words = new Map<string, Tone>();
  for (const { word, amount, tone } of parts) if (amount > 0) words.set(word, tone);
  return (
    <ul class="key">
      {[...words].map(([word, tone]) => (
        <li>
          <span class={`dot ${tone}`} />
          {visible(word)}
        </li>
      ))}
    </ul>
  );
}

function labelOf(title: string, parts: readonly Part[]): string {
  const told = parts.filter(({ amount }) => amount > 0)
    .map(({ word, amount }) => `${visible(word)} ${count(amount)}`);
  return `${visible(title)}: ${told.length === 0 ? "none" : told.join(", ")}`;
}
