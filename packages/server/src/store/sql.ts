// One way to write SQL for both stores: a tagged template that each store renders in its own dialect. Values never become
// text. Statements stay in the dialect both understand; the three places where they differ have a word here.

export type Scalar = string | number | null;
export type ColumnType = "text" | "int" | "real";
type RowItem = Readonly<Record<string, Scalar>>;

/** `where id ${oneOf(ids)}` */
export class OneOf {
  readonly values: readonly (string | number)[];
  constructor(values: readonly (string | number)[]) {
    this.values = values;
  }
}
/** `from ${rows("x", { id: "text", fence: "int" }, items)} where t.id = x.id`: many rows as one parameter set. */
export class Rows {
  readonly alias: string;
  readonly columns: readonly (readonly [string, ColumnType])[];
  readonly items: readonly RowItem[];
  constructor(alias: string, columns: readonly (readonly [string, ColumnType])[], items: readonly RowItem[]) {
    this.alias = alias;
    this.columns = columns;
    this.items = items;
  }
}
/** Of rows that have nothing to do with each other. */
export class Each extends Rows {}
/** Text that only one of the stores gets, such as row locks, which SQLite (one writer) does not need. */
export class Only {
  readonly dialect: Dialect;
  readonly text: string;
  constructor(dialect: Dialect, text: string) {
    this.dialect = dialect;
    this.text = text;
  }
}
export class Sql {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
  constructor(strings: readonly string[], values: readonly SqlValue[]) {
    this.strings = strings;
    this.values = values;
  }
}
export type SqlValue = Scalar | OneOf | Rows | Only | Sql;
export type Dialect = "sqlite" | "postgres";

export const sql = (strings: TemplateStringsArray, ...values: SqlValue[]): Sql => new Sql(strings, values);
export const oneOf = (values: readonly (string | number)[]): OneOf => new OneOf(values);
export function rows<C extends Record<string, ColumnType>>(alias: string, columns: C, items: readonly { readonly [K in keyof C]: Scalar }[]): Rows {
  return new Rows(alias, Object.entries(columns), items);
}
/**
 * As `rows`, for statements that do the same for each row whatever the others are. Postgres gets all of them at once; SQLite runs the statement
 * on some of them at a time, whose values are parameters of their own: twice as quick as taking them out of JSON there.
 */
export function eachOf<C extends Record<string, ColumnType>>(alias: string, columns: C, items: readonly { readonly [K in keyof C]: Scalar }[]): Each {
  return new Each(alias, Object.entries(columns), items);
}
/** Rows others have locked are passed over (Postgres); SQLite has one writer at a time. */
export const skipLocked = (table: string): Only => new Only("postgres", ` for update of ${table} skip locked`);
export const forUpdate: Only = new Only("postgres", " for update");
/**
 * ` join table alias on …` that is looked up by key for each row before it. Left to itself Postgres, which knows neither how many rows it is given nor what
 * came into the table since it last counted, at times reads all of the table for each.
 */
export const joinByKey = (table: string, alias: string, on: string): Sql =>
  sql`${new Only("postgres", ` cross join lateral (select * from ${table} ${alias} where ${on} offset 0) ${alias}`)}${new Only("sqlite", ` join ${table} ${alias} on ${on}`)}`;
/** Statements joined by a separator, for conditions that are only sometimes there. */
export function join(parts: readonly Sql[], separator: " and " | ", "): Sql {
  return parts.reduce((all, part) => new Sql(["", separator, ""], [all, part]));
}

export interface Rendered {
  text: string;
  params: unknown[];
}
const PG_TYPES: Record<ColumnType, string> = { text: "text", int: "bigint", real: "double precision" };

export function render(statement: Sql, dialect: Dialect): Rendered {
  const params: unknown[] = [];
  const hole = (value: unknown): string => {
    params.push(value);
    return dialect === "postgres" ? `$${params.length}` : "?";
  };
  const write = (part: SqlValue): string => {
    if (part instanceof Sql) return part.strings.reduce((text, piece, at) => text + write(part.values[at - 1] as SqlValue) + piece);
    if (part instanceof Only) return part.dialect === dialect ? part.text : "";
    if (part instanceof OneOf)
      return dialect === "postgres" ? postgresOneOf(part, hole) : `in (select value from json_each(${hole(JSON.stringify(part.values))}))`;
    if (part instanceof Rows) return (dialect === "postgres" ? postgresRows : part instanceof Each ? sqliteValues : sqliteRows)(part, hole);
    return hole(part);
  };
  return { text: write(statement), params };
}

function postgresOneOf(part: OneOf, hole: (value: unknown) => string): string {
  const type = typeof part.values[0] === "number" ? "bigint[]" : "text[]";
  return `= any(${hole(arrayLiteral(part.values))}::${type})`;
}
const arrayLiteral = (values: OneOf["values"]): string =>
  `{${values.map((value) => (typeof value === "number" ? value : `"${value.replace(/["\\]/g, "\\$&")}"`)).join(",")}}`;
/**
 * As JSON, like SQLite: unnested arrays took a fifth more time on both sides, in quoting here and parsing there. What items have beyond the
 * columns Postgres passes over; to leave it out here made writing the rest a third slower.
 */
function postgresRows({ alias, columns, items }: Rows, hole: (value: unknown) => string): string {
  return `json_to_recordset(${hole(JSON.stringify(items))}::text::json) as ${alias}(${columns.map(([name, type]) => `${name} ${PG_TYPES[type]}`).join(", ")})`;
}
function sqliteRows({ alias, columns, items }: Rows, hole: (value: unknown) => string): string {
  const picks = columns.map(([name], at) => `value ->> ${at} as ${name}`).join(", ");
  return `(select ${picks} from json_each(${hole(JSON.stringify(items.map((item) => columns.map(([name]) => item[name] ?? null))))})) as ${alias}`;
}
function sqliteValues({ alias, columns, items }: Rows, hole: (value: unknown) => string): string {
  for (const item of items) for (const [name] of columns) hole(item[name] ?? null);
  const picks = columns.map(([name], at) => `column${at + 1} as ${name}`).join(", ");
  const row = `(${columns.map(() => "?").join(", ")})`;
  return `(select ${picks} from (values ${`${row}, `.repeat(items.length - 1)}${row})) as ${alias}`;
}
const CHUNKS = [64, 16, 4, 1];
/** The statement as SQLite runs it: as often as its rows need, in few sizes, so that what was prepared is used again. */
export function* inChunks(statement: Sql): Generator<Sql> {
  const at = statement.values.findIndex((value) => value instanceof Each);
  if (at < 0) return yield statement;
  const { alias, columns, items } = statement.values[at] as Each;
  for (let from = 0; from < items.length; ) {
    const size = CHUNKS.find((size) => size <= items.length - from) as number;
    const chunk = items.slice(from, from + size);
    yield new Sql(statement.strings, statement.values.with(at, new Each(alias, columns, chunk)));
    from += size;
  }
}
