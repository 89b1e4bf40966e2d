// What a room refuses reaches the caller in the caller's words.
import { expect, test } from "vitest";
import { Refusal, relocating } from "./refusal.ts";

const refuse = (path: string) => () =>
  Promise.reject(new Refusal("bad_input", `${path}: is wrong`, { issues: [{ path, message: "is wrong" }], retryAfterSeconds: 7 }));

test("a refusal below a path is refused below another one, in its detail too", async () => {
  const refused = relocating("connector.", "body.connector.", refuse("connector.cwd"));
  const issues = [{ path: "body.connector.cwd", message: "is wrong" }];
  await expect(refused).rejects.toMatchObject({ code: "bad_input", message: "body.connector.cwd: is wrong", issues, retryAfterSeconds: 7 });
});

test("what lies elsewhere, and what is no refusal, passes as it is", async () => {
  await expect(relocating("connector.", "body.", refuse("body.name"))).rejects.toMatchObject({ issues: [{ path: "body.name", message: "is wrong" }] });
  await expect(relocating("connector.", "body.", () => Promise.reject(new TypeError("a bug")))).rejects.toThrow(TypeError);
});

test("what works passes through", async () => {
  expect(await relocating("a", "b", async () => 7)).toBe(7);
});
