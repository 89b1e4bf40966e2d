// What a gate demands, in a sentence. Pure.
import type { Gate } from "@baton/contract";
import { toDuration } from "../std/duration.ts";

export function toDemand(gate: Gate): string {
  switch (gate.kind) {
    case "command":
      return `${[gate.command, ...gate.args].join(" ")} must succeed within ${toDuration(gate.timeoutMs)}${gate.flaky === "fail" ? ", at the first try" : ""}.`;
    case "paths": {
      const only = gate.allowed === undefined ? [] : [`Only ${gate.allowed.join(", ") || "nothing"} may change`];
      return `${[...only, ...(gate.forbidden.length === 0 ? [] : [`${gate.forbidden.join(", ")} must not change`])].join("; ") || "Any file may change"}.`;
    }
    case "size": {
      const { maxFiles, maxLines, maxFileBytes } = gate;
      const most = [
        ...(maxFiles === undefined ? [] : [maxFiles === 1 ? "1 file" : `${maxFiles.toLocaleString()} files`]),
        ...(maxLines === undefined ? [] : [maxLines === 1 ? "1 line" : `${maxLines.toLocaleString()} lines`]),
        ...(maxFileBytes === undefined ? [] : [`${maxFileBytes.toLocaleString()} bytes a file`]),
      ];
      return `At most ${most.join(", ")}${gate.ignore.length === 0 ? "" : `, ${gate.ignore.join(", ")} not counted`}.`;
    }
    case "coverage": {
      const { minLines, minBranches, minChangedLines } = gate;
      const least = [
        ...(minLines === undefined ? [] : [`${minLines} % of all lines`]),
        ...(minBranches === undefined ? [] : [`${minBranches} % of all branches`]),
        ...(minChangedLines === undefined ? [] : [`${minChangedLines} % of the lines it adds`]),
      ];
      return `Tests must reach at least ${least.join(", ")}, as ${gate.file} tells.`;
    }
    case "review":
      return `${gate.agent ?? `An agent with ${gate.requirements.join(" and ")}`} must find that: ${gate.checklist.join("; ")}.`;
    case "approval":
      return `A person must approve it within ${toDuration(gate.timeoutMs)}.`;
    case "secrets":
      return `No line it adds may look like a credential${gate.ignore.length === 0 ? "" : `, but in ${gate.ignore.join(", ")}`}.`;
  }
}
