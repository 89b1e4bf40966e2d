// A gate: a check that must pass before a change lands. Gates of a repository stand in its `baton.yaml`, as it is on the target branch before the
// change, and may be added to by API; they only ever add up. What they said of one exact tree is a verdict.
import { z } from "zod";
import { environmentVariables, id, instant, label, milliseconds, page, pageQuery, text } from "./json.ts";
import { workspaceNeeds } from "./workspace.ts";

const named = { name: id };
const globs = z.array(text(1000).min(1)).max(200);
/** A path of a directory on the server, as it was given. */
export const repositoryPath = text(4000).min(1).startsWith("/", "must be an absolute path");

const environment = environmentVariables;
/** A program that must end with 0 in a work tree of the merged result. Not read by a shell; nothing of the server's environment. */
const commandGate = z.strictObject({
  ...named,
  kind: z.literal("command"),
  /** A name on the PATH, an absolute path, or one relative to the root of the work tree. */
  command: text(4000).min(1),
  args: z.array(text(8000)).max(200).default([]),
  environment,
  timeoutMs: milliseconds.min(100).max(7_200_000).default(900_000),
  /** Whether what fails first and then passes on the same tree lets the change through. Both runs are kept either way. */
  flaky: z.enum(["pass", "fail"]).default("pass"),
});
/** Which files a change may touch. Renames count as both names. */
const pathsGate = z.strictObject({ ...named, kind: z.literal("paths"), allowed: globs.optional(), forbidden: globs.default([]) });
const sizeGate = z
  .strictObject({
    ...named,
    kind: z.literal("size"),
    maxFiles: z.number().int().min(1).optional(),
    /** Added and removed together. */
    maxLines: z.number().int().min(1).optional(),
    /** Of one added or changed file. */
    maxFileBytes: z.number().int().min(1).optional(),
    /** What does not count, such as lock files. */
    ignore: globs.default([]),
  })
  .refine((gate) => (gate.maxFiles ?? gate.maxLines ?? gate.maxFileBytes) !== undefined, {
    path: ["maxFiles"],
    message: "needs at least one limit: maxFiles, maxLines or maxFileBytes",
  });
/** Reads the lcov file that a command before it wrote. */
const coverageGate = z
  .strictObject({
    ...named,
    kind: z.literal("coverage"),
    file: text(1000).min(1).default("coverage/lcov.info"),
    /** In percent. */
    minLines: z.number().min(0).max(100).optional(),
    minBranches: z.number().min(0).max(100).optional(),
    /** Of the lines that the change adds and that can be executed. */
    minChangedLines: z.number().min(0).max(100).optional(),
  })
  .refine((gate) => (gate.minLines ?? gate.minBranches ?? gate.minChangedLines) !== undefined, {
    path: ["minLines"],
    message: "needs at least one threshold: minLines, minBranches or minChangedLines",
  });
/** Looks for what looks like credentials in the lines that the change adds. */
const secretsGate = z.strictObject({ ...named, kind: z.literal("secrets"), ignore: globs.default([]) });

/**
 * An agent reads the change and says of each point whether it holds: a task, for one agent or for whoever can do it. Asked once the gates that need nobody have
 * let the change through, about that commit; what comes after is asked anew.
 */
const reviewGate = z.strictObject({
  ...named,
  kind: z.literal("review"),
  checklist: z.array(text(1000).min(1)).min(1).max(50),
  /** Its name or id. */
  agent: id.optional(),
  requirements: z.array(text(200).min(1)).min(1).max(20).default(["code_review"]),
  timeoutMs: milliseconds.min(1000).max(86_400_000).default(900_000),
});
/** A person approves the change, as that commit. Asked after the reviews. When nobody decides in time, that is a no. */
const approvalGate = z.strictObject({
  ...named,
  kind: z.literal("approval"),
  timeoutMs: milliseconds
    .min(1000)
    .max(366 * 86_400_000)
    .default(7 * 86_400_000),
});

export const gate = z.discriminatedUnion("kind", [commandGate, pathsGate, sizeGate, coverageGate, secretsGate, reviewGate, approvalGate]);
/** Those that need nobody: what a step's work tree must pass when the step ends, before it counts. */
const workGate = z.discriminatedUnion("kind", [commandGate, pathsGate, sizeGate, coverageGate, secretsGate]);
export type Gate = z.output<typeof gate>;
export type GateKind = Gate["kind"];
export type GateOf<K extends GateKind> = Extract<Gate, { kind: K }>;
const haveNames = (gates: readonly { name: string }[]): boolean => new Set(gates.map(({ name }) => name)).size === gates.length;
export const gateList = z.array(gate).max(50).refine(haveNames, "names must differ");
export const workGates = z.array(workGate).max(50).refine(haveNames, "names must differ");

/**
 * Of several layers, each adds to those before. `file`: the target's baton.yaml; `repository`: by API; `landing`: of this change alone. Of work that is judged
 * when a step ends, `task`: of each of the task's steps; `step`: of this one alone.
 */
export const gateOrigins = ["file", "repository", "landing", "task", "step"] as const;
export type GateOrigin = (typeof gateOrigins)[number];

export const landingMethods = ["merge", "rebase", "squash"] as const;
/** What git takes for the name of a remote, and nothing it could take for an option or an address. */
const remote = text(100).regex(/^[A-Za-z0-9][\w.-]*$/, "must be the name of a remote");
export const landingMode = z.discriminatedUnion("kind", [
  /** The branch of this repository moves. */
  z.strictObject({ kind: z.literal("branch") }),
  /** The branch of a remote moves, if it is still where it was; the one of this repository stays. */
  z.strictObject({ kind: z.literal("push"), remote: remote.default("origin") }),
  /**
   * Nothing is moved: what was judged is pushed as a branch of its own, and a command is run to propose it. It finds BATON_BRANCH, BATON_TARGET, BATON_TITLE,
   * BATON_LANDING_ID and BATON_REPOSITORY in its environment; what it writes last is kept as the link. It may be run twice, with the same branch.
   */
  z.strictObject({
    kind: z.literal("pull_request"),
    remote: remote.default("origin"),
    command: text(4000).min(1),
    args: z.array(text(8000)).max(200).default([]),
    environment,
    /** Names of the server's environment that it gets, such as GH_TOKEN: those that `BATON_AGENT_ENV` allows. */
    passEnvironment: z.array(text(200).min(1)).max(50).default([]),
    timeoutMs: milliseconds.min(100).max(600_000).default(120_000),
  }),
]);
export type LandingMode = z.output<typeof landingMode>;
/** `baton.yaml` at the root of a repository. */
export const projectFile = z.strictObject({
  gates: gateList.optional(),
  landing: z
    .strictObject({
      method: z.enum(landingMethods).optional(),
      mode: landingMode.optional(),
      /** How many changes are judged together at most. */
      batch: z.number().int().min(1).max(32).optional(),
    })
    .default({}),
  workspace: workspaceNeeds.optional(),
});
export type ProjectFile = z.output<typeof projectFile>;

export const gateSetInput = z.strictObject({ repository: repositoryPath, gates: gateList.min(1) });
export const gateSet = z.object({ id: z.string(), seq: z.number().int(), repository: z.string(), gates: gateList, updatedBy: z.string(), updatedAt: instant });
export type GateSet = z.infer<typeof gateSet>;
export const gateSetPage = page(gateSet);
export const gateSetQuery = pageQuery.extend({ repository: repositoryPath.optional() });

export const gatesInForceQuery = z.strictObject({ repository: repositoryPath, target: text(200).min(1).optional() });
/** What a change that lands now has to pass: the baton.yaml as it is on the target, and what was defined by API. */
export const gatesInForce = z.object({
  repository: z.string(),
  /** Null: there is no telling, see `problem`. */
  target: z.string().nullable(),
  gates: z.array(z.object({ origin: z.enum(gateOrigins), gate })),
  method: z.enum(landingMethods),
  batch: z.number().int().nullable(),
  /** Why nothing lands as it is: the repository is not on this server, its baton.yaml cannot be read, there is no gate at all. */
  problem: z.string().nullable(),
});
export type GatesInForce = z.infer<typeof gatesInForce>;

/** `flaky`: failed, and passed when it was run again. `misconfigured`: it could not judge. `skipped`: not asked, as another had failed. */
export const gateStates = ["pass", "fail", "flaky", "misconfigured", "skipped"] as const;
export type GateState = (typeof gateStates)[number];
export const gateRun = z.object({
  ok: z.boolean(),
  /** How it ended, in words. */
  how: z.string(),
  /** The end of what it wrote. */
  said: z.string(),
  startedAt: instant,
  durationMs: z.number(),
});
export type GateRun = z.infer<typeof gateRun>;
export const gateResult = z.object({
  name: z.string(),
  kind: z.string(),
  origin: z.enum(gateOrigins),
  state: z.enum(gateStates),
  /** In a sentence or two. */
  reason: z.string(),
  /** The part of the findings or the output that matters. */
  detail: z.string(),
  /** The same for failures that differ only in numbers, times and places. */
  signature: z.string().nullable(),
  /** Which of the changes judged together it is about; null: about the tree. */
  landingId: z.string().nullable(),
  runs: z.array(gateRun),
});
export type GateResult = z.infer<typeof gateResult>;
export const verdictStates = ["pass", "flaky", "fail", "misconfigured"] as const;
export type VerdictState = (typeof verdictStates)[number];
export const verdict = z.object({
  id: z.string(),
  seq: z.number().int(),
  repository: z.string(),
  /** The exact tree that was judged. */
  tree: z.string(),
  /** The commit that the change was compared with. */
  base: z.string(),
  /** Of the definitions of the gates that were asked. */
  gatesHash: z.string(),
  state: z.enum(verdictStates),
  passes: z.boolean(),
  reason: z.string(),
  results: z.array(gateResult),
  landingIds: z.array(z.string()),
  createdAt: instant,
});
export type Verdict = z.infer<typeof verdict>;
export const verdictPage = page(verdict.omit({ results: true }));
export const verdictQuery = pageQuery.extend({ repository: repositoryPath.optional(), tree: label.optional(), landingId: id.optional() });
