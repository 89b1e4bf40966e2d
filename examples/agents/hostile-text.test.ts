// Files made to be slow to search: each agent must take time in proportion to their size.
import { expect, test } from "vitest";
import { reviewDependencies } from "./dependency-reviewer.mjs";
import { scanCode } from "./code-scanner.mjs";
import { writeReport } from "./report-writer.mjs";
import { inspectRepository } from "./repository-inspector.mjs";
import { makeRepository } from "./repository.fixture.ts";

const SIZE = 900_000;
const MOST_MS = 6000;
const fill = (text: string, end = "") => text.repeat(Math.ceil(SIZE / text.length)) + end;

const searched: [string, string][] = [
  ["markers on one line", fill("// TODO: ")],
  ["half of an OpenAI key, over and over", fill("-sk-aaaaaaaaaaaaaaaaaaaa")],
  ["half of a web token, over and over", fill("-eyJaaaaaaaaaaaaaaaa")],
  ["names that say secret on one line", fill("API_KEY")],
  ["aws keys without a value", fill("aws_secret_key")],
  ["private keys that never begin", fill(["-----BEGIN ", "PRIVATE KEY-----\n"].join(""))],
  ["carriage returns", fill("\r")],
  ["blank lines", fill("\n")],
  ["spaces after a telling name", fill("secret                ")],
  ["addresses without a password", fill("a://b:")],
  ["secrets one after the other", fill(`${["gh", "p_"].join("")}q7Zp2Xv9Lr4Tn6Bw8Ks3Hd5Jf1Mg0CyQe7Ua `)],
];
test.each(searched)("%s are searched in time", async (_, text) => {
  const repository = makeRepository();
  repository.commit({ "a.ts": text });
  const started = performance.now();
  const [scan, inspection] = await Promise.all([scanCode(repository.path), inspectRepository(repository.path)]);
  writeReport({ scan, inspection });
  expect(performance.now() - started).toBeLessThan(MOST_MS);
});

const manifests: [string, string][] = [
  ["pom.xml", fill("<!--")],
  ["pom.xml", fill("<dependency>")],
  ["pom.xml", fill("<dependency><version>", "</dependency>")],
  ["go.mod", fill("require (\n")],
  ["build.gradle", fill("\n")],
  ["build.gradle", fill("api")],
  ["Gemfile", fill("\n")],
  ["Gemfile", `gem "a", "${fill("1")}`],
  ["requirements.txt", fill("a ")],
  ["package.json", JSON.stringify({ dependencies: { a: `npm:${fill("@")}` } })],
  ["x.csproj", fill("<PackageReference ")],
  ["Cargo.toml", fill("[a]\n")],
  ["pyproject.toml", fill("a=[")],
  ["README.md", fill("# ", "x")],
  ["README.md", fill("[")],
  ["LICENSE", fill("Apache License ")],
];
test.each(manifests)("%s %#", async (name, text) => {
  const repository = makeRepository();
  repository.commit({ [name]: text });
  const started = performance.now();
  const dependencies = await reviewDependencies(repository.path);
  writeReport({ dependencies });
  expect(performance.now() - started).toBeLessThan(MOST_MS);
});
