// What an agent is sent: the work as a message of its own, and what a person answered as another. Ids follow from the attempt, so that a
// message which arrives twice can be told for one.
import { type Message, type Part, Role } from "@a2a-js/sdk";
import type { Json, Work } from "@baton/contract";

/** Where an agent finds what Baton knows of the work, in the metadata of its message. */
export const WORK_KEY = "urn:baton:work";
const JSON_TYPE = "application/json";

/** @param takesData whether it takes JSON beside text; else what came in is written under the description. */
export function toWorkMessage(work: Work, takesData: boolean): Message {
  const { attemptId, taskId, stepId, title, requirements, deadlineAt } = work;
  const about = { attemptId, taskId, stepId, title, requirements, deadlineAt, task: work.context.task };
  return {
    ...messageOf(attemptId, [textPart(work.description), ...inputParts(work.input, takesData)]),
    contextId: work.conversation ?? "",
    metadata: { [WORK_KEY]: about },
  };
}

export interface Asked {
  attemptId: string;
  /** Which answer it is, from 1. */
  number: number;
  taskId: string;
  contextId: string;
}
export const toAnswerMessage = ({ attemptId, number, taskId, contextId }: Asked, answer: string): Message => ({
  ...messageOf(`${attemptId}/answer-${number}`, [textPart(answer)]),
  taskId,
  contextId,
});

/** In an object, because data of 0.3 can be nothing else. */
function inputParts(input: Json, takesData: boolean): Part[] {
  if (input === null) return [];
  if (!takesData) return [textPart(`Input (JSON):\n${JSON.stringify(input)}`)];
  return [{ content: { $case: "data", value: { input } }, metadata: undefined, filename: "", mediaType: JSON_TYPE }];
}
const textPart = (text: string): Part => ({ content: { $case: "text", value: text }, metadata: undefined, filename: "", mediaType: "" });
const messageOf = (messageId: string, parts: Part[]): Message => ({
  messageId,
  contextId: "",
  taskId: "",
  role: Role.ROLE_USER,
  parts,
  metadata: undefined,
  extensions: [],
  referenceTaskIds: [],
});
