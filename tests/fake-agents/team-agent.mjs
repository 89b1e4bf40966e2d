// A tiny command-line agent that takes part in patterns. Its argument says what it is like: good, slow (good, after a while), broken (fails),
// stuck (never answers) or vague (never answers in JSON). What it answers depends on the part it is given, which the input names.
const nature = process.argv[2] ?? "good";
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const parts = {
  task_decomposition: ({ available_workers: workers }) => ({
    subtasks: workers.flatMap(({ capabilities }) =>
      capabilities.includes("work") ? [{ description: "echo a part", requirements: capabilities.slice(0, 1) }] : [],
    ),
  }),
  review: () => ({ accepted: true, comment: "good enough" }),
  result_aggregation: (input) => ({ combined: input.worker_results }),
  critique: () => ({ agreement: 0.9, comment: "I agree" }),
  synthesis: (input) => ({ merged: input.contributions }),
  verification: ({ output }) => ({ accepted: !JSON.stringify(output).includes("poor"), reason: "I looked at it" }),
  planning: () => ({
    steps: [
      { id: "first", description: "echo first" },
      { id: "second", description: "echo second", needs: ["first"] },
    ],
  }),
};
function work({ description, input }) {
  if (nature === "stuck") setInterval(() => undefined, 1_000_000);
  else if (nature === "broken") say({ error: "I cannot do that" });
  else if (nature === "vague") say({ output: "Let me think about it." });
  else setTimeout(() => say({ output: parts[input?.type]?.(input) ?? `good: ${description}` }), nature === "slow" ? 400 : 0);
}
let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  text += chunk;
});
process.stdin.on("end", () => work(JSON.parse(text)));
