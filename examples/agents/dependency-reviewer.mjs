#!/usr/bin/env node
// Dependency reviewer, an HTTP agent in the OpenAI-compatible shape (POST /v1/chat/completions): what a repository depends on
// and how tightly, and what keeps it alive: tests, continuous integration, licence, README.
import { isProgram } from "./parts/command-line.mjs";
import { groupBy, plural, tally } from "./parts/counting.mjs";
import { countLines, excerpt, listTracked, readEach } from "./parts/files.mjs";
import { openWorkTree } from "./parts/git.mjs";
import { isTest, languageOf, originOf, skipper } from "./parts/kinds.mjs";
import { manifestKinds } from "./parts/manifests.mjs";
import { lastUserText, serveAgent } from "./parts/serve.mjs";

/** @typedef {import("./parts/manifests.mjs").Dependency} Dependency */
/** @typedef {{ path: string, name: string | null, ecosystem: string, lock: string | null, expectsLock: boolean, dependencies: Dependency[], problem: string | null }} Manifest */

const MAX_MANIFESTS = 500;
/** @type {readonly [string, RegExp][]} */
const ciSystems = [
  ["GitHub Actions", /^\.github\/workflows\/[^/]+\.ya?ml$/],
  ["GitLab CI", /^\.gitlab-ci\.yml$/],
  ["CircleCI", /^\.circleci\/config\.yml$/],
  ["Travis CI", /^\.travis\.yml$/],
  ["Azure Pipelines", /^(\.azure-pipelines\/.*|azure-pipelines[^/]*)\.ya?ml$/],
  ["Jenkins", /^Jenkinsfile$/],
  ["AppVeyor", /^\.?appveyor\.yml$/],
  ["Buildkite", /^\.buildkite\/.*\.ya?ml$/],
  ["Bitbucket Pipelines", /^bitbucket-pipelines\.yml$/],
  ["Cirrus CI", /^\.cirrus\.yml$/],
  ["scripts in .ci", /^\.ci\/[^/]+$/],
  ["Drone", /^\.drone\.yml$/],
  ["Woodpecker", /^\.woodpecker(\/.*)?\.ya?ml$/],
];
/** Names of packages that run tests; and files that say a framework is used without naming a package. */
const testPackages =
  /^(vitest|jest|mocha|ava|tap|jasmine|karma|@playwright\/test|cypress|qunit|uvu|pytest|nose2?|hypothesis|tox|rspec|rspec-core|minitest|phpunit\/phpunit|pestphp\/pest|.*:junit.*|.*:testng|.*:spock-core|.*:kotest.*|xunit|NUnit|MSTest\.TestFramework|criterion|proptest|github\.com\/stretchr\/testify|github\.com\/onsi\/ginkgo.*)$/i;
/** @type {readonly [string, RegExp][]} */
const testFiles = [
  ["go test", /_test\.go$/],
  ["cargo test", /(^|\/)tests\/[^/]+\.rs$/],
  ["pytest", /(^|\/)(conftest\.py|pytest\.ini)$/],
  ["tox", /(^|\/)tox\.ini$/],
];
/** @type {readonly [string, RegExp][]} the first that fits */
const licences = [
  ["Apache-2.0", /Apache License\s+Version 2\.0/i],
  ["AGPL-3.0", /GNU AFFERO GENERAL PUBLIC LICENSE/i],
  ["LGPL", /GNU LESSER GENERAL PUBLIC LICENSE/i],
  ["GPL-3.0", /GNU GENERAL PUBLIC LICENSE\s+Version 3/i],
  ["GPL-2.0", /GNU GENERAL PUBLIC LICENSE\s+Version 2/i],
  ["MPL-2.0", /Mozilla Public License,? Version 2\.0/i],
  ["MIT", /Permission is hereby granted, free of charge/i],
  ["BSD", /Redistributions? (and use )?in (source|binary)|Redistribution and use in source/i],
  ["ISC", /Permission to use, copy, modify, and(\/or)? distribute this software/i],
  ["Unlicense", /free and unencumbered software released into the public domain/i],
];

/**
 * @param {unknown} repository absolute path of a work tree, or of a folder in one
 * @param {{ skip?: string[], signal?: AbortSignal }} [given]
 */
export async function reviewDependencies(repository, { skip = [], signal } = {}) {
  const started = performance.now();
  const tree = await openWorkTree(repository, signal);
  const { files, cut } = await listTracked(tree, signal);
  const isSkipped = skipper(skip);
  const at = (/** @type {string} */ path) => path.slice(tree.scope.length);
  const own = files.filter((file) => file.kind === "file" && originOf(file.path) !== "vendored" && (!isSkipped(file.path) || kindOf(file.path)));
  const paths = new Set(files.map((file) => file.path));
  const readable = own.filter((file) => kindOf(file.path) || isTopText(at(file.path)));
  const cuts = cut ? [`Only the first ${files.length} tracked files were listed.`] : [];
  if (readable.length > MAX_MANIFESTS) cuts.push(`Only ${MAX_MANIFESTS} of ${readable.length} manifests were read.`);
  /** @type {Map<string, string>} */
  const texts = new Map();
  const first = readable.toSorted((a, b) => a.path.split("/").length - b.path.split("/").length).slice(0, MAX_MANIFESTS);
  await readEach(tree, first, (file, { text }) => void (text !== null && texts.set(file.path, text)), { signal });
  const manifests = [...texts].flatMap(([path, text]) => readManifest(path, text, paths));
  const dependencies = summariseDependencies(manifests.filter((manifest) => !isTest(manifest.path)));
  const tests = summariseTests(
    own.map((file) => file.path),
    manifests,
  );
  const upkeep = summariseUpkeep(
    own.map((file) => at(file.path)),
    new Map([...texts].map(([path, text]) => [at(path), text])),
  );
  cuts.push(...manifests.flatMap(({ path, problem }) => (problem === null || isTest(path) ? [] : [`${path} could not be read: ${problem}`])).slice(0, 20));
  return {
    kind: "dependency-review",
    repository: tree.name,
    head: tree.head,
    ...dependencies,
    tests,
    ...upkeep,
    findings: findings(dependencies, tests, upkeep, own.length),
    cuts,
    tookMs: Math.round(performance.now() - started),
  };
}

/** @param {string} path */
const kindOf = (path) => manifestKinds.find((kind) => kind.name.test(path));
/** @param {string} path */
const isTopText = (path) => /^(LICEN[CS]E|COPYING|UNLICENSE)[^/]*$|^README[^/]*$|^(docs|\.github)\/README[^/]*$/i.test(path);

/** @param {string} path @param {string} text @param {Set<string>} paths @returns {Manifest[]} */
function readManifest(path, text, paths) {
  const kind = kindOf(path);
  if (!kind) return [];
  const name = kind.ecosystem === "npm" ? (/"name"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? null) : null;
  const manifest = { path, name, ecosystem: kind.ecosystem, lock: lockOf(path, kind.locks, paths), expectsLock: kind.locks.length > 0, problem: null };
  try {
    return [{ ...manifest, dependencies: kind.read(text.replace(/^\uFEFF/, "")) }];
  } catch (error) {
    return [{ ...manifest, dependencies: [], problem: excerpt(error instanceof Error ? error.message : String(error), 120) }];
  }
}

/** Beside the manifest, or in a folder above it: a workspace has one for all. @param {string} path @param {readonly string[]} locks @param {Set<string>} paths */
function lockOf(path, locks, paths) {
  for (let folder = path.slice(0, path.lastIndexOf("/") + 1); ; folder = folder.slice(0, folder.lastIndexOf("/", folder.length - 2) + 1)) {
    const lock = locks.find((name) => paths.has(folder + name));
    if (lock !== undefined) return folder + lock;
    if (folder === "") return null;
  }
}

/** @param {Manifest[]} manifests */
function summariseDependencies(manifests) {
  const workspaces = new Set(manifests.map((manifest) => manifest.name));
  for (const dependency of manifests.flatMap((manifest) => manifest.dependencies)) if (workspaces.has(dependency.name)) dependency.tightness = "local";
  const all = manifests.flatMap((manifest) =>
    manifest.dependencies.map((dependency) => ({ ...dependency, manifest: manifest.path, ecosystem: manifest.ecosystem })),
  );
  const count = (/** @type {Dependency[]} */ list) => ({
    runtime: list.filter((one) => !one.development).length,
    development: list.filter((one) => one.development).length,
    pinned: list.filter((one) => one.tightness === "pinned").length,
    range: list.filter((one) => one.tightness === "range").length,
    any: list.filter((one) => one.tightness === "any").length,
    local: list.filter((one) => one.tightness === "local").length,
  });
  const outside = all.filter((one) => one.tightness !== "local");
  const several = [...groupBy(outside, (one) => `${one.ecosystem} ${one.name}`).values()]
    .map((uses) => ({ name: uses[0]?.name ?? "", wanted: [...new Set(uses.map((use) => use.wanted))], manifests: uses.length }))
    .filter((use) => use.wanted.length > 1);
  return {
    totals: { manifests: manifests.length, dependencies: new Set(outside.map((one) => `${one.ecosystem} ${one.name}`)).size, ...count(all) },
    ecosystems: tally(manifests.map((manifest) => manifest.ecosystem)),
    manifests: manifests
      .map(({ path, ecosystem, lock, expectsLock, dependencies }) => ({ path, ecosystem, lock, expectsLock, ...count(dependencies) }))
      .slice(0, 50),
    unbounded: outside
      .filter((one) => one.tightness === "any")
      .map(({ name, wanted, manifest }) => ({ name: excerpt(name, 100), wanted: excerpt(wanted, 60), manifest }))
      .slice(0, 50),
    differing: several
      .sort((a, b) => b.wanted.length - a.wanted.length)
      .map((use) => ({ ...use, name: excerpt(use.name, 100), wanted: use.wanted.map((wanted) => excerpt(wanted, 60)).slice(0, 6) }))
      .slice(0, 20),
  };
}

/** @param {string[]} paths @param {Manifest[]} manifests */
function summariseTests(paths, manifests) {
  const code = paths.filter((path) => languageOf(path).family === "code" && originOf(path) === "authored");
  const packages = manifests.flatMap((manifest) => manifest.dependencies.filter(({ name }) => testPackages.test(name)).map(({ name }) => name));
  const frameworks = [...packages, ...testFiles.filter(([, pattern]) => paths.some((path) => pattern.test(path))).map(([name]) => name)];
  const files = code.filter(isTest).length;
  return {
    frameworks: tally(new Set(frameworks)).map(({ name }) => name),
    testFiles: files,
    sourceFiles: code.length - files,
    ratio: code.length === files ? null : Math.round((files / (code.length - files)) * 100) / 100,
  };
}

/** Headings of Markdown and reStructuredText, line by line; what stands in a fenced block is none. @param {string} text */
function headingsOf(text) {
  const found = [];
  let fence = "";
  let before = "";
  for (const line of text.split(/\r?\n/)) {
    const mark = /^(```|~~~)/.exec(line)?.[1] ?? "";
    if (mark !== "" && (fence === "" || fence === mark)) fence = fence === "" ? mark : "";
    else if (fence === "" && line.length <= 200) {
      if (/^#{1,3}[ \t]/.test(line)) found.push(line.replace(/^#+/, "").replace(/#+$/, ""));
      else if (/^(={3,}|-{3,}|~{3,})$/.test(line.trim()) && /^[^\s#>|`*-]/.test(before)) found.push(before);
    }
    before = line.length <= 200 ? line : "";
  }
  return found.map((heading) => excerpt(heading.replace(/<[^<>]*>/g, "").replace(/!?\[([^[\]]*)\]\([^()]*\)/g, "$1"), 80)).filter(Boolean);
}

/** @param {string[]} paths from the folder that was asked for @param {Map<string, string>} texts */
function summariseUpkeep(paths, texts) {
  const licence = [...texts].find(([path]) => /^(LICEN[CS]E|COPYING|UNLICENSE)/i.test(path));
  const readme = [...texts].sort(([a], [b]) => a.split("/").length - b.split("/").length).find(([path]) => /(^|\/)README[^/]*$/i.test(path));
  const sections = readme === undefined ? [] : headingsOf(readme[1]);
  return {
    ci: ciSystems
      .map(([name, pattern]) => ({ name, files: paths.filter((path) => pattern.test(path)) }))
      .filter(({ files }) => files.length > 0)
      .map(({ name, files }) => ({ name, files: files.slice(0, 20) })),
    licence: licence === undefined ? null : { path: licence[0], id: licences.find(([, pattern]) => pattern.test(licence[1]))?.[0] ?? "not recognised" },
    readme: readme === undefined ? null : { path: readme[0], lines: countLines(readme[1]), sections: sections.slice(0, 40) },
    other: /** @type {[string, RegExp][]} */ ([
      ["contributing guide", /^(\.github\/|docs\/)?CONTRIBUTING/i],
      ["security policy", /^(\.github\/|docs\/)?SECURITY/i],
      ["changelog", /^(docs\/)?(CHANGELOG|HISTORY|CHANGES|NEWS)/i],
      ["code owners", /^(\.github\/|docs\/)?CODEOWNERS$/],
      ["dependency updates", /^(\.github\/dependabot\.ya?ml|renovate\.json5?|\.renovaterc(\.json)?|\.github\/renovate\.json5?)$/],
    ]).map(([name, pattern]) => ({ name, path: paths.find((path) => pattern.test(path)) ?? null })),
  };
}

/** @param {ReturnType<typeof summariseDependencies>} dependencies @param {ReturnType<typeof summariseTests>} tests @param {ReturnType<typeof summariseUpkeep>} upkeep @param {number} files */
function findings(dependencies, tests, upkeep, files) {
  /** @type {{ severity: string, title: string, detail: string, where: string[], action: string }[]} */
  const found = [];
  const add = (
    /** @type {string} */ severity,
    /** @type {string} */ title,
    /** @type {string} */ detail,
    /** @type {string[]} */ where,
    /** @type {string} */ action,
  ) => void found.push({ severity, title, detail, where: where.slice(0, 5), action });
  const open = dependencies.manifests.filter((manifest) => manifest.expectsLock && manifest.lock === null && manifest.runtime + manifest.development > 0);
  if (open.length > 0)
    add(
      "medium",
      `${plural(open.length, "manifest")} without a lock file`,
      "Two installs of one commit may differ. (A library may leave it out on purpose.)",
      open.map((manifest) => manifest.path),
      "Commit the lock file, at least where something is deployed from here.",
    );
  if (dependencies.unbounded.length > 0)
    add(
      "medium",
      `${plural(dependencies.totals.any, "dependency takes", "dependencies take")} any newer version`,
      "The next major release arrives unasked wherever no lock file holds it.",
      dependencies.unbounded.map((one) => `${one.manifest}: ${one.name} ${one.wanted}`.trim()),
      "Give each an upper bound.",
    );
  if (dependencies.differing.length > 0)
    add(
      "low",
      `${plural(dependencies.differing.length, "dependency is", "dependencies are")} wanted in different versions`,
      dependencies.differing
        .slice(0, 3)
        .map((use) => `${use.name}: ${use.wanted.join(", ")}`)
        .join("; "),
      [],
      "Agree on one each.",
    );
  if (tests.testFiles === 0 && tests.sourceFiles > 0)
    add("high", "No tests were found", `${plural(tests.sourceFiles, "source file")}, no test file.`, [], "Start with the busiest hot-spot.");
  else if (tests.ratio !== null && tests.ratio < 0.1 && tests.sourceFiles >= 20)
    add(
      "medium",
      `One test file to ${Math.round(1 / tests.ratio)} source files`,
      `${tests.testFiles} to ${tests.sourceFiles}.`,
      [],
      "Cover what changes most first.",
    );
  if (upkeep.ci.length === 0 && files > 0)
    add("medium", "No continuous integration was found", "No known configuration file is tracked.", [], "Run the tests on every push.");
  if (upkeep.licence === null && files > 0)
    add("medium", "No licence file", "Without one nobody else may use it.", [], "Add one, or say that it is not public.");
  if (upkeep.readme === null && files > 0) add("medium", "No README", "", [], "Say what it is, how to run it, how to test it.");
  return found;
}

if (isProgram(import.meta.url)) {
  await serveAgent({
    name: "dependency-reviewer",
    summary: "What a git repository depends on and how tightly, its tests, continuous integration, licence and README.",
    capabilities: ["dependency_review", "code_analysis"],
    port: 8005,
    route: /^\/v1\/chat\/completions$/,
    toAsked: ({ messages, metadata }) => {
      const given = /** @type {Record<string, unknown>} */ (typeof metadata === "object" && metadata !== null ? metadata : {});
      return { repository: given.repository, text: lastUserText(messages), skip: given.skip };
    },
    toAnswer: (result) => ({
      id: `chatcmpl-${Date.now().toString(36)}`,
      object: "chat.completion",
      created: Math.floor(Date.now() / 1000),
      model: "dependency-reviewer",
      choices: [{ index: 0, message: { role: "assistant", content: typeof result === "string" ? result : JSON.stringify(result) }, finish_reason: "stop" }],
    }),
    toRefusal: ({ code, message }) => ({ error: { message, type: "invalid_request_error", code } }),
    work: reviewDependencies,
  });
}
