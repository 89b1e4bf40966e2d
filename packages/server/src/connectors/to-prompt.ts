// A step as a person would write it to somebody who reads prose: what is to be done first, then what there is to go by. Pure.
import type { Json, Work } from "@baton/contract";

/** @param resumed whether the agent goes on with its own conversation, so that it is told only what is new of its session. */
export function toPrompt(work: Work, resumed = false): string {
  const { task, steps, session } = work.context;
  const description = work.description === "" ? work.title : work.description;
  const said = resumed ? session?.since : session?.text;
  const parts = said ? [said, description] : [description];
  if (task.description !== description) parts.push(`This is one step of a larger task, ${JSON.stringify(task.title)}:\n${task.description}`);
  if (task.language !== null) parts.push(`Language: ${task.language}`);
  if (task.files.length > 0) parts.push(`Files it is about:\n${task.files.map((file) => `- ${file}`).join("\n")}`);
  if (!isEmpty(task.payload)) parts.push(`Handed in with the task:\n${toBlock(task.payload)}`);
  if (!isEmpty(work.input)) parts.push(`Input of this step:\n${toBlock(work.input)}`);
  // The input of a step is what came before it, unless its plan says otherwise.
  if (!isEmpty(steps) && JSON.stringify(steps) !== JSON.stringify(work.input)) parts.push(`What earlier steps produced, by step:\n${toBlock(steps)}`);
  return parts.join("\n\n");
}

const isEmpty = (value: Json): boolean => value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
const toBlock = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
