// Stages of this installation: a module named in the settings, which looks at every message before it is kept, and may change or refuse it.
//
//     export default [
//       { name: "no-card-numbers", pass: ({ payload }, { refuse }) => (/\b\d{16}\b/.test(JSON.stringify(payload)) ? refuse("Card numbers stay out.") : undefined) },
//       { name: "stamp", pass: ({ metadata }) => ({ metadata: { ...metadata, seenBy: "gate" } }) },
//     ];
import { pathToFileURL } from "node:url";
import { messageInput, type ParsedMessageInput, Refusal } from "@baton/contract";
import type { Stage } from "./stage.ts";

/** What a stage is shown. */
export type ShownMessage = Readonly<Omit<ParsedMessageInput, "signature" | "senderId"> & { senderId: string; signed: boolean }>;
/** What a stage may change; not of signed messages. */
export type Changes = Partial<Pick<ParsedMessageInput, "payload" | "metadata" | "priority" | "sensitive" | "ttlMs">>;
interface Means {
  /** Ends the message here: its sender is told why. */
  refuse(detail: string): never;
}
type Given = { name: string; pass(message: ShownMessage, means: Means): Changes | undefined | void | Promise<Changes | undefined | void> };
const NAME = /^[a-z][a-z0-9-]{0,49}$/;
const CHANGEABLE = ["payload", "metadata", "priority", "sensitive", "ttlMs"];
const refuse = (detail: string): never => {
  throw new Refusal("forbidden", detail);
};

/** @throws Refusal `bad_input` for a module that has no such stages. */
export async function readOwnStages(file: string | undefined): Promise<Stage[]> {
  if (file === undefined) return [];
  const wrong = (why: string): Refusal => new Refusal("bad_input", `BATON_MESSAGE_STAGES: ${file} ${why}`);
  let read: { default?: unknown };
  try {
    read = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw wrong(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(read.default)) throw wrong("has no list of stages as its default export.");
  const isStage = (one: unknown): one is Given =>
    typeof one === "object" && one !== null && "pass" in one && typeof one.pass === "function" && "name" in one && NAME.test(String(one.name));
  return read.default.map((one: unknown, at) => {
    if (!isStage(one)) throw wrong(`has as its stage ${at} none with a name of small letters and a function \`pass\`.`);
    return toStage(one);
  });
}
function toStage({ name, pass }: Given): Stage {
  return {
    name,
    pass: (_, passing) => {
      const { signature, ...input } = passing.input;
      const take = (changes: Changes | undefined | void): void => {
        if (!changes || Object.keys(changes).length === 0) return;
        if (signature !== undefined) refuse(`Stage ${name} of this server changes such messages, and this one is signed.`);
        passing.input = checked(name, { ...input, ...changes }, changes);
      };
      const passes = pass({ ...input, senderId: passing.senderId, signed: signature !== undefined }, { refuse });
      return passes instanceof Promise ? passes.then(take) : take(passes);
    },
  };
}
/** What it made of the message is a message. A stage that does otherwise is a bug of this installation. */
function checked(name: string, input: unknown, changes: object): ParsedMessageInput {
  const others = Object.keys(changes).filter((one) => !CHANGEABLE.includes(one));
  if (others.length > 0) throw new Error(`The stage ${name} changed ${others.join(", ")}; it may change ${CHANGEABLE.join(", ")}.`);
  const parsed = messageInput.safeParse(input);
  if (!parsed.success) throw new Error(`The stage ${name} made of a message what is none: ${parsed.error.message}`);
  return parsed.data;
}
