// What went wrong with a tool server, as data: from the errors of the official SDK and of the connection below it.
import { Refusal } from "@baton/contract";
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from "@modelcontextprotocol/client";
import { toFailure } from "./exchange.ts";
import { type Failure, fail } from "./time-limit.ts";

/** @param keys names of the variables and secrets its headers hold, so that a refusal says which to look at. */
export function toToolServerFailure(error: unknown, server: string, keys: readonly string[]): Failure {
  const causes = causesOf(error);
  const refused = causes.find((cause) => cause instanceof UnauthorizedError);
  const http = causes.find((cause) => cause instanceof SdkHttpError);
  const status = refused === undefined ? http?.status : 401;
  if (status !== undefined) return failStatus(status, server, keys, http?.message ?? "");
  const said = causes.find((cause) => cause instanceof ProtocolError);
  if (said !== undefined) return fail("agent_error", `The tool server ${server} says: ${said.message} (${said.code})`);
  if (causes.some((cause) => cause instanceof SdkError && cause.code === SdkErrorCode.InvalidResult)) return invalid(error, server);
  if (causes.some((cause) => cause instanceof SdkError && cause.code === SdkErrorCode.RequestTimeout))
    return fail("unavailable", `The tool server ${server} did not answer in time.`);
  const below = causes.find((cause) => cause instanceof Refusal || ("code" in cause && !(cause instanceof SdkError)));
  if (below !== undefined) return toFailure(below);
  return causes.some(isUnreadable) ? invalid(error, server) : toFailure(error);
}

function failStatus(status: number, server: string, keys: readonly string[], message: string): Failure {
  if (status === 401 || status === 403) {
    const hint = keys.length === 0 ? "its headers hold no key" : `the key is in ${keys.join(", ")}`;
    return fail("agent_error", `The tool server ${server} refused the call (HTTP ${status}); ${hint}.`);
  }
  const kind = status === 429 ? "quota" : status === 408 || status >= 500 ? "unavailable" : "agent_error";
  return fail(kind, `The tool server ${server} answered HTTP ${status}: ${message.slice(0, 2_000)}`);
}
const invalid = (error: unknown, server: string): Failure =>
  fail(
    "invalid_response",
    `The tool server ${server} answered with something that is not MCP: ${(error instanceof Error ? error.message : String(error)).slice(0, 500)}`,
  );

/** Not JSON, not the protocol's, or nested so deep that the SDK's stack ran out. */
export const isUnreadable = (error: Error): boolean => error instanceof SyntaxError || error instanceof RangeError || error.name === "ZodError";

/** The error and what is said to have caused it, outermost first. */
function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  for (let at = error; at instanceof Error && found.length < 10; at = at.cause) found.push(at);
  return found;
}
