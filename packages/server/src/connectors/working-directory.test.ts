// What lies inside a directory, through links that lead somewhere, out, or nowhere yet.
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isInside } from "./working-directory.ts";

let base: string;
let root: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "baton-inside-")));
  root = join(base, "root");
  await mkdir(join(root, "sub"), { recursive: true });
  await symlink(base, join(root, "out"));
  await symlink("sub", join(root, "in"));
  await symlink(join(base, "not-there"), join(root, "out-later"));
  await symlink("sub/not-there", join(root, "in-later"));
  await symlink("../out-later", join(root, "sub", "chain"));
});
afterAll(() => rm(base, { recursive: true }));

test.each(["", ".", "sub", "sub/new/file", "in/x", "in-later", "..x", "sub/../y"])("inside: %j", async (path) => expect(await isInside(root, path)).toBe(true));
test.each(["..", "../root2", "out/x", "out", "sub/../../x", "/etc/passwd", "out-later", "out-later/x", "sub/chain"])("outside: %j", async (path) =>
  expect(await isInside(root, path)).toBe(false),
);
