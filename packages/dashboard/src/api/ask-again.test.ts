import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, onTestFinished, test } from "vitest";
import { askAgain } from "./ask-again.ts";

/** A query on the screen, whose answers come when they are let go: each tells how often was asked when it was begun. */
function openQuery() {
  const queries = new QueryClient();
  const answers: (() => void)[] = [];
  let asked = 0;
  const observer = new QueryObserver(queries, {
    queryKey: ["a"],
    queryFn: () => {
      const number = ++asked;
      return new Promise<number>((resolve) => answers.push(() => resolve(number)));
    },
  });
  onTestFinished(observer.subscribe(() => undefined));
  const answer = async (): Promise<void> => {
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    answers.shift()?.();
  };
  return { queries, observer, answer, asked: () => asked };
}

test("what is asked for the first time while it changes is asked once more", async () => {
  const { queries, observer, answer, asked } = openQuery();
  const again = askAgain(queries, { queryKey: ["a"] });
  await answer();
  await answer();
  await again;
  expect(asked()).toBe(2);
  expect(observer.getCurrentResult()).toMatchObject({ data: 2, isStale: true });
});

test("what is there already is asked once", async () => {
  const { queries, observer, answer, asked } = openQuery();
  await answer();
  await expect.poll(() => observer.getCurrentResult().data).toBe(1);
  const again = askAgain(queries);
  await answer();
  await again;
  expect(asked()).toBe(2);
});
