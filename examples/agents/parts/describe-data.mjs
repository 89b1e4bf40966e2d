// What data is made of: of rows, every column with its kind, gaps and figures; of text, its size and most frequent words; of anything else, its shape.
// Pure.

const MAX_COLUMNS = 100;
const MAX_ROWS = 100_000;
const TOP = 5;

/** @param {unknown} data JSON, or text, which may be CSV */
export function describeData(data) {
  if (typeof data === "string") return readTable(data) ?? describeText(data);
  if (Array.isArray(data)) return describeList(data);
  if (typeof data === "object" && data !== null) {
    const fields = Object.entries(data).slice(0, MAX_COLUMNS);
    return {
      kind: "object",
      fields: Object.fromEntries(fields.map(([name, value]) => [name, Array.isArray(value) && value.length > 0 ? describeList(value) : shapeOf(value)])),
    };
  }
  return { kind: shapeOf(data) };
}

/** @param {unknown[]} list */
function describeList(list) {
  const rows = list.slice(0, MAX_ROWS);
  const isTable = rows.length > 0 && rows.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
  if (isTable) return describeRows(/** @type {Record<string, unknown>[]} */ (rows), list.length);
  return { kind: "list", items: list.length, ...describeColumn(rows) };
}

/** @param {Record<string, unknown>[]} rows @param {number} total */
function describeRows(rows, total) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = Object.fromEntries(
    names.slice(0, MAX_COLUMNS).map((name) => [name, describeColumn(rows.map((row) => (Object.hasOwn(row, name) ? row[name] : undefined)))]),
  );
  const cuts = [
    ...(total > rows.length ? [`Only the first ${rows.length} rows were looked at.`] : []),
    ...(names.length > MAX_COLUMNS ? [`Only the first ${MAX_COLUMNS} of ${names.length} columns were looked at.`] : []),
  ];
  return { kind: "table", rows: total, columns, ...(cuts.length > 0 ? { cuts } : {}) };
}

/** @param {unknown[]} values */
function describeColumn(values) {
  const present = values.filter((value) => value !== undefined && value !== null && value !== "");
  const missing = values.length - present.length;
  const numbers = present.map(toNumber);
  if (present.length > 0 && numbers.every((number) => number !== undefined)) return { type: "number", missing, ...figures(numbers) };
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of present) {
    const key = typeof value === "string" ? value.slice(0, 200) : typeof value === "object" ? shapeOf(value) : JSON.stringify(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const top = [...counts].sort(([, a], [, b]) => b - a).slice(0, TOP);
  return {
    type: [...new Set(present.map(shapeOf))].sort().join(" or ") || "nothing",
    missing,
    distinct: counts.size,
    top: top.map(([value, count]) => ({ value, count })),
  };
}

/** @param {number[]} numbers not empty */
function figures(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const deviation = Math.sqrt(numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length);
  const outliers = deviation === 0 ? [] : sorted.filter((number) => Math.abs(number - mean) > 3 * deviation);
  return {
    min: at(0),
    median: at(0.5),
    max: at(1),
    mean: round(mean),
    deviation: round(deviation),
    ...(outliers.length > 0 ? { outliers: outliers.slice(0, TOP) } : {}),
  };
}

/** @param {unknown} value */
function toNumber(value) {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && /^\s*-?\d+(\.\d+)?([eE][-+]?\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

/** Lines that all have as many commas (or semicolons, tabs) as the first, which names the columns. @param {string} text */
function readTable(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const mark = [",", ";", "\t"].find((one) => (lines[0] ?? "").includes(one));
  if (mark === undefined || lines.length < 2) return undefined;
  const rows = lines.map((line) => splitLine(line, mark));
  const [names = []] = rows;
  if (rows.some((row) => row.length !== names.length) || new Set(names).size !== names.length) return undefined;
  const records = rows.slice(1).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  return describeRows(records.slice(0, MAX_ROWS), records.length);
}
/** @param {string} line @param {string} mark */
function splitLine(line, mark) {
  const cells = [""];
  let quoted = false;
  for (const letter of line) {
    if (letter === '"') quoted = !quoted;
    else if (letter === mark && !quoted) cells.push("");
    else cells.push(`${cells.pop() ?? ""}${letter}`);
  }
  return cells.map((cell) => cell.trim());
}

/** @param {string} text */
function describeText(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  const long = words.filter((word) => word.length > 3);
  return {
    kind: "text",
    characters: text.length,
    lines: text === "" ? 0 : text.split("\n").length,
    words: words.length,
    frequent: describeColumn(long).top ?? [],
  };
}

/** @param {unknown} value */
const shapeOf = (value) => (value === null ? "nothing" : Array.isArray(value) ? `list of ${value.length}` : typeof value);
const round = (/** @type {number} */ value) => Math.round(value * 1e6) / 1e6;
