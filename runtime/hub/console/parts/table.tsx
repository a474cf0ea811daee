import type { Child } from "hono/jsx";

/** One column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Child;
}

/**
 * A table that becomes a list of cards where there is no width for it.
 *
 * @param caption What the rows are; read out, not shown.
 * @param empty What stands there when there is no row.
 */
export function Table<Row>(
  { caption, columns, rows, empty }: {
    caption: string;
    columns: readonly Column<Row>[];
    rows: readonly Row[];
    empty: string;
  },
) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>{columns.map(({ head }) => <th scope="col">{head}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>{columns.map(({ head, cell }) => <td data-head={head}>{cell(row)}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

/**
 * The way to the next page of a list, keeping what the list was asked for.
 *
 * @param name What the address calls the place in the list, where a page has more than one.
 */
export function Pager(
  { url, next, name = "after" }: { url: string; next: string | null; name?: string },
) {
  const { pathname, searchParams } = new URL(url);
  const first = searchParams.has(name);
  if (next === null && !first) return null;
  const at = (after: string | null) => {
    const query = new URLSearchParams(searchParams);
    if (after === null) query.delete(name);
    else query.set(name, after);
    return query.size === 0 ? pathname : `${pathname}?${query}`;
  };
  return (
    <nav class="pager" aria-label="Pages">
      {first && <a href={at(null)}>First page</a>}
      {next !== null && <a href={at(next)} rel="next">Next page</a>}
    </nav>
  );
}
