// Rows for a person: a table that fits the terminal, or one block per row where it is too narrow for a table.
import Table from "cli-table3";
import stringWidth from "string-width";
import type { Paint } from "../terminal.ts";
import { fit, pad, plain } from "./text.ts";

export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number | null;
  colour?: (row: Row) => (text: string) => string;
  /** May be shortened when there is little room. */
  flexible?: true;
}
export interface Look {
  width: number;
  paint: Paint;
}

const GAP = 2;
const LEAST = 12;
const NO_LINES = Object.fromEntries(
  "top,top-mid,top-left,top-right,bottom,bottom-mid,bottom-left,bottom-right,left,left-mid,mid,mid-mid,right,right-mid,middle"
    .split(",")
    .map((part) => [part, ""]),
);

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], look: Look): string {
  const cells = rows.map((row) => columns.map((column) => plain(String(column.of(row) ?? "–"))));
  const widths = fitWidths(columns, cells, look.width);
  return widths === undefined ? blocks(columns, rows, cells, look) : grid(columns, rows, cells, widths, look);
}

/** The width of each column, the widest flexible ones shortened until all fit; undefined when they cannot. */
function fitWidths<Row>(columns: readonly Column<Row>[], cells: string[][], width: number): number[] | undefined {
  const widths = columns.map(({ title }, index) => Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[index] ?? ""))));
  const over = () => widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (over() > 0) {
    const shrinkable = widths.map((one, index) => (columns[index]?.flexible ? one : 0));
    const widest = shrinkable.indexOf(Math.max(...shrinkable));
    const room = (shrinkable[widest] ?? 0) - LEAST;
    if (room <= 0) return undefined;
    const second = Math.max(LEAST, ...shrinkable.filter((_, index) => index !== widest));
    widths[widest] = (shrinkable[widest] ?? 0) - Math.min(over(), room, Math.max(1, (shrinkable[widest] ?? 0) - second));
  }
  return widths;
}

function grid<Row>(columns: readonly Column<Row>[], rows: readonly Row[], cells: string[][], widths: number[], { paint }: Look): string {
  const drawn = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [] },
    head: columns.map(({ title }) => paint.dim(title)),
    colWidths: widths.map((width) => width + GAP),
  });
  for (const [number, row] of rows.entries()) {
    drawn.push(columns.map((column, index) => (column.colour?.(row) ?? String)(fit(cells[number]?.[index] ?? "", widths[index] ?? 0))));
  }
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function blocks<Row>(columns: readonly Column<Row>[], rows: readonly Row[], cells: string[][], { width, paint }: Look): string {
  const titles = Math.max(...columns.map(({ title }) => title.length));
  const block = (row: Row, number: number) =>
    columns
      .map(
        (column, index) =>
          `${paint.dim(pad(column.title, titles))}  ${(column.colour?.(row) ?? String)(fit(cells[number]?.[index] ?? "", width - titles - 2))}`,
      )
      .join("\n");
  return rows.map(block).join("\n\n");
}
