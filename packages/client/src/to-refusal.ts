// An answer that is not a success -> the contract's Refusal, or Unreachable when it does not come from Baton.
import { REFUSALS, Refusal, type RefusalCode, problem } from "@baton/contract";
import { Unreachable } from "./unreachable.ts";

export interface FailedAnswer {
  url: string;
  status: number;
  statusText: string;
  retryAfter: string | null;
  text: string;
}

export function toRefusal(answer: FailedAnswer): Refusal | Unreachable {
  const document = problem.safeParse(readJson(answer.text));
  if (!document.success) {
    // A gateway in between speaks for a server it cannot reach.
    if (answer.status >= 502 && answer.status <= 504) return new Unreachable(answer.url, `HTTP ${answer.status} ${answer.statusText}`);
    return new Refusal(codeFor(answer.status), `HTTP ${answer.status} ${answer.statusText}`.trim());
  }
  const { code, status, detail, issues } = document.data;
  const seconds = Number(answer.retryAfter ?? Number.NaN);
  return new Refusal(isCode(code) ? code : codeFor(status), detail, {
    ...(issues === undefined ? {} : { issues }),
    ...(Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
  });
}

const isCode = (code: string): code is RefusalCode => Object.hasOwn(REFUSALS, code);

/** A server newer than this client may say no with a code it does not know; the status still tells the kind. */
function codeFor(status: number): RefusalCode {
  const exact = (Object.keys(REFUSALS) as RefusalCode[]).find((code) => REFUSALS[code][0] === status);
  return exact ?? (status >= 500 ? "internal" : "bad_input");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
