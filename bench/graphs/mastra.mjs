// Mastra: a workflow with a step a step; branches of two are nested workflows. Durable: PostgresStore, which keeps a snapshot a step.
import { Mastra } from "@mastra/core";
import { createStep, createWorkflow } from "@mastra/core/workflows";
import { PostgresStore } from "@mastra/pg";
import { z } from "zod";

const schema = z.any();

export async function open({ url }, shape, isDurable) {
  let begun = () => undefined;
  const stepCalled = (id) => createStep({ id, inputSchema: schema, outputSchema: schema, execute: async () => (begun(), { done: true }) });
  const workflow = (id) => createWorkflow({ id, inputSchema: schema, outputSchema: schema });
  const built = build(shape, workflow("bench"), stepCalled, workflow);
  const storage = isDurable ? new PostgresStore({ connectionString: url }) : undefined;
  await storage?.init();
  const mastra = new Mastra({ workflows: { bench: built }, storage, logger: false, telemetry: { enabled: false } });
  return {
    settings: isDurable ? "PostgresStore" : "no storage",
    async carryOut(onStep) {
      begun = onStep;
      const run = await mastra.getWorkflow("bench").createRunAsync();
      const { status, error } = await run.start({ inputData: {} });
      if (status !== "success") throw new Error(`Mastra ended with ${status}: ${error}`);
    },
    close: async () => storage?.close(),
  };
}

function build({ steps, groups, width }, whole, stepCalled, workflow) {
  if (groups !== undefined) {
    const branch = (name) =>
      workflow(name)
        .then(stepCalled(`${name}a`))
        .then(stepCalled(`${name}b`))
        .commit();
    for (let group = 0; group < groups; group++) {
      const branches = Array.from({ length: width }, (_, at) => branch(`g${group}branch${at}`));
      whole = whole
        .then(stepCalled(`g${group}split`))
        .parallel(branches)
        .then(stepCalled(`g${group}join`));
    }
    return whole.commit();
  }
  const leaves = steps.filter(({ needs }) => needs[0] === "split");
  if (leaves.length > 0)
    return whole
      .then(stepCalled("split"))
      .parallel(leaves.map(({ id }) => stepCalled(id)))
      .then(stepCalled("join"))
      .commit();
  return steps.reduce((flow, { id }) => flow.then(stepCalled(id)), whole).commit();
}
