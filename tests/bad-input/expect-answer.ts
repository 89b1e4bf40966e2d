// What every answer is: the route's own, or a problem document that names what is wrong; never a bug.
import { problem, REFUSALS, type Route } from "@baton/contract";
import { expect } from "vitest";
import type { Answer, Sent } from "./exchange.ts";

const describeSent = ({ method, path, body }: Sent): string => `${method} ${path.slice(0, 300)} ${body === undefined ? "" : String(body).slice(0, 500)}`;
const STATUSES = new Set<number>(Object.values(REFUSALS).map(([status]) => status));

/** @returns whether it was refused. */
export function expectAnswer(route: Route | undefined, sent: Sent, answer: Answer): boolean {
  const what = `${describeSent(sent)}\n-> ${answer.status} ${answer.text.slice(0, 500)}`;
  // 503 is an honest answer of /health/ready, which is not asked here while the server starts or stops.
  // Nor is one about an agent that is nowhere, when what was asked was understood.
  const isAgentAway = answer.status === 503 && answer.text.includes("The agent could not be reached");
  if (!isAgentAway) expect(answer.status, what).toBeLessThan(500);
  if (answer.status < 400) {
    if (route?.answer && answer.status !== 304 && sent.method !== "HEAD") expect(() => route.answer?.parse(JSON.parse(answer.text)), what).not.toThrow();
    return false;
  }
  if (sent.method !== "HEAD") expectProblem(answer, what);
  return true;
}

function expectProblem(answer: Answer, what: string): void {
  expect(answer.headers["content-type"], what).toBe("application/problem+json; charset=utf-8");
  const found = problem.parse(JSON.parse(answer.text));
  expect([found.status, found.status_code], what).toEqual([answer.status, answer.status]);
  expect(STATUSES.has(found.status) || found.status === 431, what).toBe(true);
  expect(found.detail, what).not.toBe("");
  if (found.code !== "bad_input") return;
  expect(found.issues?.length ?? 0, what).toBeGreaterThan(0);
  for (const issue of found.issues ?? []) expect(issue.path, what).toMatch(/^(body|query|params|headers|path)\b/);
}
