// Every "no" Baton can say: its code, its HTTP status, and the problem document that carries it (RFC 9457).
import { z } from "zod";

/** code -> HTTP status and title. A refusal is a coded no the caller can act on; anything else thrown is a bug. */
export const REFUSALS = {
  bad_input: [400, "The request is not valid"],
  unauthorized: [401, "Credentials are missing or wrong"],
  forbidden: [403, "This is not allowed"],
  not_found: [404, "There is no such thing"],
  method_not_allowed: [405, "This method is not allowed here"],
  conflict: [409, "The current state forbids this"],
  name_taken: [409, "This name is taken"],
  idempotency_mismatch: [409, "This idempotency key was used for another request"],
  version_mismatch: [412, "It was changed by somebody else"],
  too_large: [413, "The request is too large"],
  unsupported_media: [415, "The content type is not supported"],
  unsafe_endpoint: [422, "This address may not be called"],
  too_many_requests: [429, "Too many requests"],
  internal: [500, "Something went wrong inside Baton"],
  unavailable: [503, "Not available right now"],
} as const satisfies Record<string, readonly [number, string]>;

export type RefusalCode = keyof typeof REFUSALS;

export interface Issue {
  /** Where in the input: `body.steps[0].needs[1]`, `query.limit`. */
  path: string;
  message: string;
  /** What would have been accepted, when that is a short list. */
  allowed?: string[] | undefined;
}

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  error: z.string(),
  error_type: z.string(),
  status_code: z.number().int(),
  issues: z.array(z.object({ path: z.string(), message: z.string(), allowed: z.array(z.string()).optional() })).optional(),
});
export type Problem = z.infer<typeof problem>;

/** A coded no. `detail` says what was given and what is allowed, in words for the caller. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly issues: Issue[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  constructor(code: RefusalCode, detail: string, more: { issues?: Issue[]; retryAfterSeconds?: number } = {}) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
    this.issues = more.issues;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
  get status(): number {
    return REFUSALS[this.code][0];
  }
}

/**
 * Runs `work`; what it refuses below the path `from` is refused below `to`: rooms name what they were handed, the caller
 * knows only what he sent.
 */
export async function relocating<T>(from: string, to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || !error.issues?.some((issue) => issue.path.startsWith(from))) throw error;
    const move = (path: string): string => (path.startsWith(from) ? to + path.slice(from.length) : path);
    const detail = error.issues.reduce((text, { path }) => (path === move(path) ? text : text.replace(path, move(path))), error.message);
    const { retryAfterSeconds } = error;
    throw new Refusal(error.code, detail, {
      issues: error.issues.map((issue) => ({ ...issue, path: move(issue.path) })),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}

/** The problem document of a refusal, with the field names older clients read (`error`, `error_type`, `status_code`). */
export function toProblem(refusal: Refusal, instance?: string): Problem {
  const [status, title] = REFUSALS[refusal.code];
  return {
    type: `urn:baton:problem:${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    ...(instance === undefined ? {} : { instance }),
    error: refusal.message,
    error_type: refusal.code,
    status_code: status,
    ...(refusal.issues === undefined ? {} : { issues: refusal.issues }),
  };
}
