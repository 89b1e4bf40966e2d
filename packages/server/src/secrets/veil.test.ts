import { expect, test } from "vitest";
import { openVeil, SHARED } from "./veil.ts";

test("a value is hidden however it is written, from agents of its project alone", () => {
  const veil = openVeil();
  expect(veil.of("red")).toBeUndefined();
  veil.hide("red", 'a "quoted" secret');
  const hide = (text: string) => veil.of("red")?.hide(text);
  expect(hide('so: a "quoted" secret!')).toBe("so: ********!");
  expect(hide(JSON.stringify({ text: 'a "quoted" secret' }))).toBe('{"text":"********"}');
  expect(hide(`https://host/?q=${encodeURIComponent('a "quoted" secret')}`)).toBe("https://host/?q=********");
  expect(hide(`Basic ${Buffer.from('a "quoted" secret').toString("base64")}`)).toBe("Basic ********");
  expect([veil.of("blue"), veil.of(null)]).toEqual([undefined, undefined]);
});

test("what all share is hidden from everybody, whenever it was filled in, and of two that begin alike the longer goes whole", () => {
  const veil = openVeil();
  veil.hide("red", "secret-of-red");
  expect(veil.of("red")?.hide("secret-of-red shared-one")).toBe("******** shared-one");
  veil.hide(SHARED, "shared-one");
  veil.hide(SHARED, "shared-one-and-more");
  for (const project of ["red", "blue", null]) expect(veil.of(project)?.hide("shared-one-and-more shared-one"), String(project)).toBe("******** ********");
  expect(veil.of("blue")?.hide("secret-of-red")).toBe("secret-of-red");
});

test("what may be the beginning of a value is told by its length", () => {
  const veil = openVeil();
  veil.hide("red", "abcabcd-secret");
  const begun = (text: string) => veil.of("red")?.begun(text);
  expect([begun("nothing"), begun("so ab"), begun("abcab"), begun("xabcabcabc"), begun("abcabcd-secret"), begun("")]).toEqual([0, 2, 5, 6, 0, 0]);
});
