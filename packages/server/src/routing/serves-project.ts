// Whose work an agent does, and whose steps a tool server is handed to: those of its project, or everybody's.
import { DEFAULT_PROJECT } from "@baton/contract";

/** @param project of the work; undefined: the default one. */
export const servesProject = ({ project: own }: { project?: string | null | undefined }, project: string | undefined): boolean =>
  own === null || own === undefined || own === (project ?? DEFAULT_PROJECT);
