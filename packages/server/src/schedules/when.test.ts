// When schedules are due, with times that are given.
import { Refusal } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { nextTime, timesToServe } from "./when.ts";

const at = (text: string): number => Date.parse(text);
const cron = (expression: string, timezone = "UTC") => ({ cron: expression, at: null, timezone });

describe("the next time", () => {
  test.each<[string, string, string, string]>([
    ["every five minutes", "*/5 * * * *", "2026-03-01T10:02:30Z", "2026-03-01T10:05:00Z"],
    ["is after the given one, not at it", "*/5 * * * *", "2026-03-01T10:05:00Z", "2026-03-01T10:10:00Z"],
    ["on weekdays", "0 9 * * 1-5", "2026-02-27T09:00:00Z", "2026-03-02T09:00:00Z"],
    ["on a leap day", "0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["with seconds", "*/10 * * * * *", "2026-03-01T10:00:01Z", "2026-03-01T10:00:10Z"],
    ["by a nickname", "@daily", "2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z"],
  ])("%s", (_, expression, after, next) => expect(nextTime(cron(expression), at(after))).toBe(at(next)));
  test("is read in the schedule's zone, across the change to summer time", () => {
    const daily = cron("30 8 * * *", "Europe/Berlin");
    expect(nextTime(daily, at("2026-03-28T12:00:00Z"))).toBe(at("2026-03-29T06:30:00Z"));
    expect(nextTime(daily, at("2026-03-27T12:00:00Z"))).toBe(at("2026-03-28T07:30:00Z"));
  });
  test.each<[string, string, string, string, string[]]>([
    ["that does not exist on a day is when the gap ends", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["03-29T01:00", "03-30T00:30"]],
    ["that comes twice on a day is served once, the first time", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["10-25T00:30", "10-26T01:30"]],
    [
      "of every hour passes neither over the repeated one nor over its end",
      "0 * * * *",
      "Europe/Berlin",
      "2026-10-24T23:30:00Z",
      ["10-25T00:00", "10-25T01:00", "10-25T02:00"],
    ],
    [
      "of every hour is where clocks change by half of one",
      "0 * * * *",
      "Australia/Lord_Howe",
      "2026-04-04T13:30:00Z",
      ["04-04T14:00", "04-04T15:30", "04-04T16:30"],
    ],
    ["at a midnight that comes twice is served once", "0 0 * * *", "America/Havana", "2026-10-31T12:00:00Z", ["11-01T04:00", "11-02T05:00"]],
    ["at a midnight that does not exist is when the day begins", "0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", ["09-06T04:00", "09-07T03:00"]],
  ])("%s", (_, expression, timezone, after, next) => {
    const found = timesToServe(cron(expression, timezone), nextTime(cron(expression, timezone), at(after)) ?? 0, at(`2026-${next.at(-1)}Z`), "all");
    expect(found.map((time) => new Date(time).toISOString().slice(5, 16))).toEqual(next);
  });
  test("is none once the one time has passed", () => expect(nextTime({ cron: null, at: 1000, timezone: "UTC" }, 1000)).toBeNull());
  test("is none for a day that never comes", () => expect(nextTime(cron("0 0 30 2 *"), 0)).toBeNull());
  test.each([
    ["an expression with too few fields", cron("* *"), "body.cron"],
    ["a minute that is none", cron("99 * * * *"), "body.cron"],
    ["a zone that is none", cron("* * * * *", "Mars/Olympus"), "body.timezone"],
  ])("is refused for %s", (_, timing, path) => {
    expect(() => nextTime(timing, 0)).toThrow(Refusal);
    expect(() => nextTime(timing, 0)).toThrow(path);
  });
});

describe("of times that passed", () => {
  const hourly = cron("0 * * * *");
  const dueAt = at("2026-03-01T08:00:00Z");
  const now = at("2026-03-01T11:30:00Z");
  test("all are served where that is wanted", () =>
    expect(timesToServe(hourly, dueAt, now, "all").map((time) => new Date(time).getUTCHours())).toEqual([8, 9, 10, 11]));
  test("at most a hundred are", () => expect(timesToServe(cron("* * * * *"), dueAt, now, "all")).toHaveLength(100));
  test("one is served for all of them", () => expect(timesToServe(hourly, dueAt, now, "once")).toEqual([at("2026-03-01T11:00:00Z")]));
  test("none is served when missed ones are skipped", () => expect(timesToServe(hourly, dueAt, now, "skip")).toEqual([]));
  test("the one that is due now is served also when missed ones are skipped", () =>
    expect(timesToServe(hourly, dueAt, at("2026-03-01T11:00:20Z"), "skip")).toEqual([at("2026-03-01T11:00:00Z")]));
  test("a single time is served once", () => expect(timesToServe({ cron: null, at: dueAt, timezone: "UTC" }, dueAt, now, "all")).toEqual([dueAt]));
});
