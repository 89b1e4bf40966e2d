// One orchestrator, one graph, one process: runs alone, then many under way at a time. Every step that is not carried out once is an error.
import { setMaxListeners } from "node:events";
import { shapes } from "../graphs/shapes.mjs";
import { inFlight } from "./waiting.mjs";

/** @returns milliseconds of each run alone, and steps a second with many runs under way */
export async function graph({ orchestrator, isDurable, shape: name, place }) {
  const shape = shapes[name];
  // Peers listen to one signal once a branch and would be warned about each.
  setMaxListeners(0);
  const { open } = await import(`../graphs/${orchestrator}.mjs`);
  const opened = await open(place, shape, isDurable);
  let steps = 0;
  const carryOut = () => opened.carryOut(() => steps++);
  for (let at = 0; at < 5; at++) await carryOut();
  const alone = [];
  for (let at = 0; at < shape.runs; at++) {
    const from = performance.now();
    await carryOut();
    alone.push(performance.now() - from);
  }
  const from = performance.now();
  await inFlight(shape.many, shape.width, carryOut);
  const seconds = (performance.now() - from) / 1000;
  const expected = (5 + shape.runs + shape.many) * shape.steps.length;
  if (steps !== expected) throw new Error(`${orchestrator} carried out ${steps} steps of ${expected}`);
  await opened.close();
  return { settings: opened.settings, alone, rate: (shape.many * shape.steps.length) / seconds };
}
