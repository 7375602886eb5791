import { csvCell } from '../domain/csv.ts';
import { printable } from '../domain/text.ts';
import type { Colour } from './colour.ts';

/** A column of a table: its header, what stands in it, and its colour. */
export interface Column<T> {
  header: string;
  text: (row: T) => string;
  colour?: (row: T) => Colour | undefined;
}

/** Lines with the columns under their headers; the last column is not padded. */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  paint: (text: string, colour: Colour | undefined) => string,
): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => printable(text(row))));
  const widths = columns.map(({ header }, at) =>
    Math.max(header.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const lineOf = (texts: readonly string[], painted: (text: string, at: number) => string) =>
    texts
      .map((text, at) => painted(at === texts.length - 1 ? text : text.padEnd(widths[at] ?? 0), at))
      .join('  ')
      .trimEnd();
  const head = lineOf(
    columns.map(({ header }) => header),
    (text) => text,
  );
  const body = rows.map((row, at) =>
    lineOf(cells[at] ?? [], (text, column) => paint(text, columns[column]?.colour?.(row))),
  );
  return [head, ...body];
}

/** CSV with the headers in lower case. */
export function csvLines<T>(rows: readonly T[], columns: readonly Column<T>[]): string[] {
  const lineOf = (texts: readonly string[]) => texts.map(csvCell).join(',');
  return [
    lineOf(columns.map(({ header }) => header.toLowerCase().replaceAll(' ', '-'))),
    ...rows.map((row) => lineOf(columns.map(({ text }) => text(row)))),
  ];
}
