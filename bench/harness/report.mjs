// What people see: a table a bench, the settings behind it, and what could not be measured and why.
export async function printReport({ title, figures, settings }) {
  const [{ default: Table }, { default: color }] = await Promise.all([import("cli-table3"), import("picocolors")]);
  const table = new Table({
    head: ["", "value", "unit", "min", "max", "samples", "which is"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "left", "right", "right", "right", "left"],
  });
  for (const figure of figures) table.push(figure.why === undefined ? toRow(figure) : [figure.label, { colSpan: 6, content: color.dim(firstLine(figure)) }]);
  console.log(`\n${color.bold(title)}\n${table.toString()}`);
  for (const [name, text] of settings) console.log(color.dim(`  ${name}: ${text}`));
  for (const figure of figures.filter((one) => one.isFailure)) console.log(color.red(`\n${figure.label} failed:\n${figure.why}`));
}

const firstLine = ({ why, isFailure }) => (isFailure ? "failed, see below" : `not measured: ${why.split("\n")[0]}`);

function toRow(figure) {
  const ratios = figure.against.map((peer) => `${(figure.value / peer.value).toFixed(2)} × ${peer.label}`);
  return [figure.label, format(figure.value), figure.unit, format(figure.min), format(figure.max), figure.count, ratios.join("\n")];
}

const format = (value) => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3))));
