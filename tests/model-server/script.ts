// What the model says next: read from the words in double brackets of the newest prompt, one for each round of the turn.
//
//   [[write PATH TEXT]]   calls the tool that writes files     [[shell COMMAND]]  calls the tool that runs commands
//   [[say TEXT]]          answers TEXT                         [[hang]]           begins to answer and never ends
//   [[fail STATUS]]       an HTTP error                        [[recall]]         tells the WORD of an earlier [[remember WORD]]
//   [[wait]]              answers "Done." once it is told to go on
//   [[when WORDS: VERB …]]  does that when the prompt has the words before its first brackets; before all others, once a turn
//
// Several in one prompt are carried out one after the other; when none is left, the answer is "Done.".
import { type Call, shellCall, type Tool, writeCall } from "./tool-call.ts";

export interface Conversation {
  tools: readonly Tool[];
  /** What the person said, oldest first. */
  prompts: readonly string[];
  /** Results of tools that came after the newest prompt. */
  results: number;
  /** The client wants JSON and nothing else: a question of its own beside the turn. */
  wantsJson?: boolean;
}
export type Reply = { kind: "text"; text: string } | { kind: "call"; call: Call } | { kind: "fail"; status: number } | { kind: "hang" } | { kind: "wait" };

const DIRECTIVE = /\[\[(write|shell|say|hang|wait|fail|remember|recall|when)\b ?((?:(?!\]\]).)*)\]\]/gs;
const directivesOf = (text: string) => [...text.matchAll(DIRECTIVE)].map(([, verb = "", rest = ""]) => ({ verb, rest: rest.trim() }));

export function nextReply({ tools, prompts, results }: Conversation): Reply {
  const prompt = prompts.at(-1) ?? "";
  const directives = directivesOf(prompt);
  const held = results === 0 ? heldBy(prompt, directives) : undefined;
  const next = held ?? directives.filter(({ verb }) => verb !== "when")[results];
  if (next === undefined) return say("Done.");
  switch (next.verb) {
    case "write": {
      const [path = "", ...words] = next.rest.split(" ");
      return callOr(writeCall(tools, path, `${words.join(" ")}\n`), "There is no tool to write files with.");
    }
    case "shell":
      return callOr(shellCall(tools, next.rest), "There is no tool to run commands with.");
    case "hang":
    case "wait":
      return { kind: next.verb };
    case "fail":
      return { kind: "fail", status: Number(next.rest) };
    case "remember":
      return say(`I remember ${next.rest}.`);
    case "recall":
      return say(recollection(prompts));
    default:
      return say(next.rest);
  }
}

/** The directive of the first `when` whose words stand before all directives. */
function heldBy(prompt: string, directives: { verb: string; rest: string }[]): { verb: string; rest: string } | undefined {
  const [before = ""] = prompt.split("[[");
  for (const { verb, rest } of directives) {
    const [, words = "", then = "", more = ""] = /^(.*?): (\w+) ?(.*)$/s.exec(rest) ?? [];
    if (verb === "when" && words !== "" && before.includes(words)) return { verb: then, rest: more };
  }
  return undefined;
}

const say = (text: string): Reply => ({ kind: "text", text });
const callOr = (call: Call | undefined, otherwise: string): Reply => (call === undefined ? say(otherwise) : { kind: "call", call });

/** Only a client that sends the earlier prompts again gets the word back. */
function recollection(prompts: readonly string[]): string {
  const word = directivesOf(prompts.slice(0, -1).join("\n")).find(({ verb }) => verb === "remember")?.rest;
  return word === undefined ? "I was told nothing." : `I was told ${word}.`;
}
