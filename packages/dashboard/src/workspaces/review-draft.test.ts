import { expect, test } from "vitest";
import { toReview } from "./review-draft.ts";

test("a review goes through files and their lines in order, what is about a whole file first", () => {
  const comment = (path: string, line: number | null) => ({ path, line, text: `about ${line}`, quote: "" });
  expect(toReview([comment("b.ts", 2), comment("a.ts", 10), comment("a.ts", 9), comment("b.ts", null)], "  ")).toEqual({
    comments: [
      { path: "a.ts", line: 9, text: "about 9" },
      { path: "a.ts", line: 10, text: "about 10" },
      { path: "b.ts", text: "about null" },
      { path: "b.ts", line: 2, text: "about 2" },
    ],
  });
  expect(toReview([comment("a.ts", null)], " Well done. ").summary).toBe("Well done.");
});
