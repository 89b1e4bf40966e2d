// What agents really say when they have used up what they may, and what only sounds like it.
import { describe, expect, test } from "vitest";
import { readQuota, readUntil } from "./quota-words.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const at = (text: string, zone?: string) => readQuota(text, { now: NOW, zone });

describe("words about a quota", () => {
  test.each([
    ["Rate limit reached for gpt-5 on tokens per min. Please try again in 20s.", "2026-11-20T12:00:20.000Z"],
    ["rate_limit_error: try again in 1m30.5s", "2026-11-20T12:01:30.500Z"],
    ["429 Too Many Requests, retry-after: 90", "2026-11-20T12:01:30.000Z"],
    ['{"error":{"status":429,"headers":{"retry-after":"7"}}}', "2026-11-20T12:00:07.000Z"],
    ["HTTP 429 Retry-After: Fri, 20 Nov 2026 13:00:00 GMT", "2026-11-20T13:00:00.000Z"],
    ["Claude AI usage limit reached|1795183200", "2026-11-20T14:00:00.000Z"],
    ['{"code":"usage_limit_reached","message":"quota","resets_at":1795183200}', "2026-11-20T14:00:00.000Z"],
    ["Quota exceeded, resets at 2026-11-21T08:30:00Z", "2026-11-21T08:30:00.000Z"],
    ["Your limit will reset on 2026-11-21 08:30 UTC", "2026-11-21T08:30:00.000Z"],
    ["quota: available again after 2026-11-20T15:00:00+02:00", "2026-11-20T13:00:00.000Z"],
    ["You've hit your usage limit. Try again in 3 days 2 hours", "2026-11-23T14:00:00.000Z"],
    ['RESOURCE_EXHAUSTED retryDelay": "34.5s" quota', "2026-11-20T12:00:34.500Z"],
    ["You've hit your limit · resets 3pm (UTC)", "2026-11-20T15:00:00.000Z"],
    ["Limit reached, resets at 11:30 AM (UTC)", "2026-11-21T11:30:00.000Z"],
    ["5-hour limit reached ∙ resets 3:15pm (America/New_York)", "2026-11-20T20:15:00.000Z"],
    ["weekly limit reached, resets Nov 22, 3pm (Europe/Berlin)", "2026-11-22T14:00:00.000Z"],
    ["usage limit exceeded; try again at 15:04 UTC", "2026-11-20T15:04:00.000Z"],
  ])("%s", (text, until) => expect(at(text)).toEqual({ until }));

  test.each([
    ["insufficient_quota: You exceeded your current quota, please check your plan and billing details."],
    ["You have reached your monthly limit."],
    ["Quota exceeded, resets on Monday at noon"],
    ["Rate limit reached, try again in a while"],
    ["Rate limited since 2026-11-20T13:00:00Z"],
    ["limit reached, resets at 25:99 UTC"],
    ["limit reached, resets at 3pm (Middle/Earth)"],
    ["rate limit, it was reset at 2026-11-19T13:00:00Z"],
    ["rate limit, retry-after: 99999999"],
    ["limit reached, resets at 4"],
  ])("without a time that could be placed: %s", (text) => expect(at(text)).toEqual({}));
});

test("a time of day that names no zone is read where the zone is known, and nowhere else", () => {
  expect(at("Usage limit reached, resets at 3pm", "Europe/Berlin")).toEqual({ until: "2026-11-20T14:00:00.000Z" });
  expect(at("Usage limit reached, resets at 3pm")).toEqual({});
});
test("a clock that is changed in the night before is minded", () => {
  const before = Date.parse("2026-10-24T20:00:00Z");
  expect(readUntil("resets at 9am (Europe/Berlin)", { now: before })).toBe("2026-10-25T08:00:00.000Z");
});
test("a date of next year is next year's", () => {
  expect(readUntil("resets Jan 2, 9am (UTC)", { now: Date.parse("2026-12-30T12:00:00Z") })).toBe("2027-01-02T09:00:00.000Z");
});

test.each([
  ["The tests fail in line 429 of cache.ts."],
  ["It exited with code 1 (SIGTERM)."],
  ["500 Internal server error, try again in 20s"],
  ["I raised the limit of the cache and reset the counters."],
  ["Authentication required"],
  [""],
])("not about a quota: %s", (text) => expect(at(text)).toBeUndefined());

test("what an answer known to be about a quota says of the time is read without such words", () => {
  expect(readUntil("please try again in 2 minutes", { now: NOW })).toBe("2026-11-20T12:02:00.000Z");
  expect(readUntil("try again later", { now: NOW })).toBeUndefined();
});
test("endless text is not read to its end", () => {
  const startedAt = performance.now();
  expect(at(`quota ${"resets again until ".repeat(500_000)} 20s`)).toEqual({});
  expect(performance.now() - startedAt).toBeLessThan(500);
});
test("a run of spaces is shared out in one way only", () => {
  // In any other it takes longer than a test may.
  expect(at(`quota, try again${" ".repeat(4000)}x`)).toEqual({});
  expect(at(`quota, try again${" ".repeat(4000)}in${"\n".repeat(4000)}20s`)).toEqual({ until: "2026-11-20T12:00:20.000Z" });
});
