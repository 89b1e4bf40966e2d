// The door of gates: which are to be asked before work counts or a change lands, the asking, and the verdicts. A gate is a program, or a rule about the
// change. Closed by default: without a verdict that lets it through, nothing lands. A verdict is about one exact tree.
//
// Not guaranteed: that programs judge well. They run the code of the change, as this server's user: a change that rewrites the tests is judged by the
// tests it brings, unless a gate of kind `paths` forbids it.
export { definedGates, getGates, listGates, putGates, removeGates } from "./definitions.ts";
export type { GitWorld } from "./git-world.ts";
export { failureSignature } from "./failure-signature.ts";
export { judge } from "./judge.ts";
export { readProjectFile } from "../workspaces/workspaces.ts";
export { type CommandRun, type CommandWorld, runCommand } from "../programs/run-command.ts";
export { type DefinedGate, type Judgement, toJudgement } from "./verdict.ts";
export { findPassing, getVerdict, listVerdicts, recordVerdict } from "./verdicts.ts";
export { tail } from "./what-matters.ts";
