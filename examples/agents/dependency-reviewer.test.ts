// The dependency reviewer on manifests of many kinds.
import { describe, expect, test } from "vitest";
import { reviewDependencies } from "./dependency-reviewer.mjs";
import { lines, makeRepository } from "./repository.fixture.ts";

const review = async (files: Record<string, string>) => {
  const repository = makeRepository();
  repository.commit(files);
  return reviewDependencies(repository.path);
};

describe("a manifest is read as its package manager writes it:", () => {
  test.each<[string, string, { runtime: number; development: number; pinned: number; range: number; any: number; local: number }]>([
    [
      "package.json",
      JSON.stringify({ dependencies: { a: "1.2.3", b: "^1.0.0", c: "*", d: "workspace:*", e: "npm:f@2.0.0" }, devDependencies: { g: "~1", h: "latest" } }),
      { runtime: 5, development: 2, pinned: 2, range: 2, any: 2, local: 1 },
    ],
    [
      "requirements.txt",
      "# tools\na==1.0\nb>=2\nc~=3.1\nd\ne @ git+https://example.org/e\n-r other.txt\nf[x]==1.0 ; python_version < '3.9'\n",
      { runtime: 6, development: 0, pinned: 2, range: 1, any: 2, local: 1 },
    ],
    [
      "pyproject.toml",
      '[project]\ndependencies = ["a==1.0", "b>=1,<2"]\n[project.optional-dependencies]\nx = ["c"]\n[tool.poetry.dependencies]\npython = "^3.9"\nd = "^1.0"\ne = {path = "../e"}\n[tool.poetry.group.dev.dependencies]\nf = "*"\n',
      { runtime: 4, development: 2, pinned: 1, range: 2, any: 2, local: 1 },
    ],
    [
      "go.mod",
      "module x\n\nrequire (\n\ta.example/b v1.2.3\n\tc.example/d v0.1.0 // indirect\n)\nrequire e.example/f v2.0.0\n",
      { runtime: 2, development: 0, pinned: 2, range: 0, any: 0, local: 0 },
    ],
    [
      "Cargo.toml",
      '[dependencies]\na = "1.0"\nb = { version = "=2.0.0" }\nc = { path = "../c" }\n[dev-dependencies]\nd = "*"\n',
      { runtime: 3, development: 1, pinned: 1, range: 1, any: 1, local: 1 },
    ],
    ["Gemfile", 'gem "a", "1.2.3"\ngem "b", "~> 1.0"\ngem "c"\ngem "d", path: "../d"\n', { runtime: 4, development: 0, pinned: 1, range: 1, any: 1, local: 1 }],
    [
      "composer.json",
      JSON.stringify({ require: { php: ">=8", "a/b": "^1.0" }, "require-dev": { "c/d": "1.0.0" } }),
      { runtime: 1, development: 1, pinned: 1, range: 1, any: 0, local: 0 },
    ],
    [
      "pom.xml",
      "<project><!-- <dependency><version>9</version></dependency> --><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId><version>1.0</version></dependency><dependency><groupId>c</groupId><artifactId>d</artifactId><version>[1,2)</version><scope>test</scope></dependency></dependencies></project>",
      { runtime: 1, development: 1, pinned: 1, range: 1, any: 0, local: 0 },
    ],
    [
      "build.gradle",
      "dependencies {\n  implementation 'a:b:1.0'\n  testImplementation(\"c:d:2.+\")\n}\n",
      { runtime: 1, development: 1, pinned: 1, range: 0, any: 1, local: 0 },
    ],
    [
      "x.csproj",
      '<Project><PackageReference Include="A" Version="1.0.0" /><PackageReference Include="B" Version="2.*" /></Project>',
      { runtime: 2, development: 0, pinned: 1, range: 0, any: 1, local: 0 },
    ],
  ])("%s", async (name, text, expected) => {
    const { manifests, cuts } = await review({ [name]: text });
    expect(cuts).toEqual([]);
    expect(manifests).toMatchObject([{ path: name, ...expected }]);
  });
});

test("a manifest that cannot be read is told and stops nothing", async () => {
  const found = await review({ "package.json": "{ broken", "sub/Cargo.toml": '[dependencies]\na = "1"\n' });
  expect(found.totals).toMatchObject({ manifests: 2, dependencies: 1 });
  expect(found.cuts).toEqual([expect.stringContaining("package.json could not be read:")]);
});

test("a workspace's packages share the lock file above them and do not count as outside", async () => {
  const found = await review({
    "package.json": JSON.stringify({ name: "root", dependencies: { a: "1.0.0" } }),
    "package-lock.json": "{}",
    "packages/x/package.json": JSON.stringify({ name: "@w/x", dependencies: { "@w/y": "0.1.0", a: "^2.0.0" } }),
    "packages/y/package.json": JSON.stringify({ name: "@w/y" }),
  });
  expect(found.manifests.map(({ lock }) => lock)).toEqual(["package-lock.json", "package-lock.json", "package-lock.json"]);
  expect(found.totals).toMatchObject({ dependencies: 1, local: 1 });
  expect(found.differing).toMatchObject([{ name: "a", wanted: ["1.0.0", "^2.0.0"] }]);
});

test("tests, continuous integration, licence and README are found", async () => {
  const found = await review({
    "src/a.ts": lines(1),
    "src/b.ts": lines(1),
    "src/a.test.ts": lines(1),
    "package.json": JSON.stringify({ devDependencies: { vitest: "1.0.0" } }),
    ".github/workflows/ci.yml": "on: push\n",
    LICENSE: "Apache License\n                           Version 2.0, January 2004\n",
    "README.md": "# The thing\n\n```sh\n# not a section\n```\n\n## Install\n\nUse\n---\n",
  });
  expect(found.tests).toEqual({ frameworks: ["vitest"], testFiles: 1, sourceFiles: 2, ratio: 0.5 });
  expect(found.ci).toEqual([{ name: "GitHub Actions", files: [".github/workflows/ci.yml"] }]);
  expect(found.licence).toEqual({ path: "LICENSE", id: "Apache-2.0" });
  expect(found.readme).toEqual({ path: "README.md", lines: 10, sections: ["The thing", "Install", "Use"] });
});

test("what is missing is a finding, the worst first named as such", async () => {
  const found = await review({ "src/a.ts": lines(1), "package.json": JSON.stringify({ dependencies: { a: "*" } }) });
  expect(found.findings.map(({ severity, title }) => `${severity}: ${title}`)).toEqual([
    "medium: 1 manifest without a lock file",
    "medium: 1 dependency takes any newer version",
    "high: No tests were found",
    "medium: No continuous integration was found",
    "medium: No licence file",
    "medium: No README",
  ]);
});

test("an empty repository is an answer without findings", async () => {
  expect(await reviewDependencies(makeRepository().path)).toMatchObject({ head: null, totals: { manifests: 0 }, licence: null, readme: null, findings: [] });
});
