// What people see: a table a bench, the settings behind it, and what could not be measured and why.

export async function printReport({ title, figures, settings }) {
  const [{ default: Table }, { default: color }] = await Promise.all([import("cli-table3"), import("picocolors")]);
  const print = (head, rows) => {
    const numbers = head.map((word) => (word === "" || word === "unit" || word.endsWith(" is") ? "left" : "right"));
    const table = new Table({ head, colAligns: numbers, style: { head: [], border: [], compact: true } });
    table.push(...rows);
    console.log(table.toString());
  };
  console.log(`\n${color.bold(title)}`);
  const measured = figures.filter((figure) => figure.why === undefined);
  const medians = measured.filter((figure) => figure.rank === undefined);
  const ranked = groupByContender(measured.filter((figure) => figure.rank !== undefined));
  if (medians.length > 0) print(["", "median", "unit", "min", "max", "samples", "which is"], medians.map(toRow));
  if (ranked.length > 0) print(["", ...ranked[0].map((figure) => figure.rank), "unit", "min", "max", "samples", "whose p50 is"], ranked.map(toRankedRow));
  for (const figure of figures)
    if (figure.why !== undefined) console.log(figure.isFailure ? color.red(`  ${figure.label} failed:\n${figure.why}`) : `  ${figure.label}: ${figure.why}`);
  for (const [name, text] of settings) console.log(color.dim(`  ${name}: ${text}`));
}

function groupByContender(figures) {
  const groups = new Map();
  for (const figure of figures) groups.set(figure.contender, [...(groups.get(figure.contender) ?? []), figure]);
  return [...groups.values()];
}

const toRow = (figure) => [figure.label, format(figure.value), figure.unit, format(figure.min), format(figure.max), figure.count, ratios(figure)];

function toRankedRow(percentiles) {
  const [first] = percentiles;
  return [first.contender, ...percentiles.map((figure) => format(figure.value)), first.unit, format(first.min), format(first.max), first.count, ratios(first)];
}

const ratios = (figure) => figure.against.map((peer) => `${(figure.value / peer.value).toFixed(2)} × ${peer.contender ?? peer.label}`).join("\n");

const format = (value) => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3))));
