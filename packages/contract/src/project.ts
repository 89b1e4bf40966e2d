// Projects are tenants: what belongs to one is as if it were not there for whoever is in others. Everybody acts in the projects they belong to.
import { z } from "zod";
import { id, instant, pageQuery, text } from "./json.ts";

/** Where there is no other: what belongs to it needs not say so. */
export const DEFAULT_PROJECT = "default";
/** In place of a project's name: all there are and will be. */
export const ALL_PROJECTS = "*";
/** The first is where what they make belongs, unless they say otherwise. Admins are in all, whatever stands here. */
export const memberships = z.array(id).min(1).max(200);

const repositories = z.array(text(4000).min(1)).max(100);
export const projectInput = z.strictObject({
  name: id,
  description: text(1000).default(""),
  /** Directories on the server: tasks of those who are not in all projects may name repositories in these alone. */
  repositories: repositories.default([]),
});
export type ProjectInput = z.output<typeof projectInput>;
export const projectPatch = z.strictObject({ description: text(1000).optional(), repositories: repositories.optional() });
export type ProjectPatch = z.output<typeof projectPatch>;
export const project = z.object({
  name: z.string(),
  description: z.string(),
  repositories: z.array(z.string()),
  createdAt: instant,
});
export type Project = z.infer<typeof project>;
export const projectQuery = pageQuery;
