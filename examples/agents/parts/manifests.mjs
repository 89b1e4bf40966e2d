// Reads the manifests of the common package managers: which dependencies, and how tightly each is pinned. Nothing is resolved
// or installed; what a manifest leaves to a program (setup.py, build.gradle variables) is counted where it can be read.
import { parse as parseToml } from "smol-toml";

/** @typedef {"pinned" | "range" | "any" | "local"} Tightness `pinned`: one version; `range`: bounded; `any`: whatever is newest; `local`: a path, workspace or git address */
/** @typedef {{ name: string, wanted: string, tightness: Tightness, development: boolean }} Dependency */
/** @typedef {{ ecosystem: string, name: RegExp, locks: readonly string[], read: (text: string) => Dependency[] }} ManifestKind */

/** No version is longer; what is, is cut before any pattern sees it. */
const MAX_WANTED = 200;
const local = /^(workspace|file|link|portal|git|github|https?):|^git\+|\.git\b|^\.{0,2}\//;
/** How JavaScript and Rust write a wish. @param {string} wanted @param {boolean} caretByDefault @returns {Tightness} */
function semverTightness(wanted, caretByDefault) {
  if (local.test(wanted)) return "local";
  const range = wanted.replace(/^npm:.*@(?=[^@]*$)/, "");
  if (/^(|\*|x|latest|next|>=?\s*[\d.]+)$/i.test(range)) return "any";
  return /^[=v]?\s*\d+\.\d+\.\d+[\w.+-]*$/.test(range) && (!caretByDefault || range.startsWith("=")) ? "pinned" : "range";
}
/** How Python and Ruby write one. @param {string} wanted @returns {Tightness} */
function operatorTightness(wanted) {
  if (local.test(wanted.replace(/^@\s*/, "")) || wanted.startsWith("@")) return "local";
  if (/^\s*={1,3}\s*\d[^*,]*$/.test(wanted)) return "pinned";
  return wanted.trim() === "" || /^\s*>=?\s*[\w.]+\s*$/.test(wanted) || wanted.trim() === "*" ? "any" : "range";
}

/** @param {unknown} value @returns {Record<string, unknown>} */
const table = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? /** @type {Record<string, unknown>} */ (value) : {});
/** @param {unknown} value */
const word = (value) => (typeof value === "string" ? value : "");
/** @param {unknown} value @returns {string[]} */
const strings = (value) => (Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : []);
/** @param {unknown} map @param {boolean} development @param {(wanted: unknown) => [string, Tightness]} judge @returns {Dependency[]} */
const entries = (map, development, judge) =>
  Object.entries(table(map)).map(([name, value]) => {
    const [wanted, tightness] = judge(typeof value === "string" ? value.slice(0, MAX_WANTED) : value);
    return { name, wanted, tightness, development };
  });

/** @param {string} text @returns {Dependency[]} */
function readPackageJson(text) {
  const manifest = table(JSON.parse(text));
  const judge = (/** @type {unknown} */ value) => /** @type {[string, Tightness]} */ ([String(value), semverTightness(String(value), false)]);
  return [
    ...entries(manifest.dependencies, false, judge),
    ...entries(manifest.optionalDependencies, false, judge),
    ...entries(manifest.devDependencies, true, judge),
  ];
}
/** @param {string} text */
const readComposer = (text) => {
  const manifest = table(JSON.parse(text));
  const judge = (/** @type {unknown} */ value) => /** @type {[string, Tightness]} */ ([String(value), semverTightness(String(value), false)]);
  return [...entries(manifest.require, false, judge), ...entries(manifest["require-dev"], true, judge)].filter(({ name }) => name.includes("/"));
};

/** One line of PEP 508. @param {string} line @param {boolean} development @returns {Dependency[]} */
function readRequirement(line, development) {
  const [, name, wanted = ""] =
    /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(@[^;]*|[^;#]*)/.exec(
      line
        .slice(0, 5 * MAX_WANTED)
        .replace(/\s--hash.*$/, "")
        .replace(/\\$/, ""),
    ) ?? [];
  return name === undefined ? [] : [{ name, wanted: wanted.trim(), tightness: operatorTightness(wanted.trim()), development }];
}
/** @param {string} text */
const readRequirements = (text) =>
  text
    .split("\n")
    .filter((line) => !/^\s*(#|-|$)/.test(line))
    .flatMap((line) => readRequirement(line, false));
/** @param {string} text @returns {Dependency[]} */
function readPyproject(text) {
  const manifest = table(parseToml(text));
  const project = table(manifest.project);
  const poetry = table(table(manifest.tool).poetry);
  const judge = (/** @type {unknown} */ value) => {
    const wanted = typeof value === "string" ? value : word(table(value).version ?? table(value).path ?? table(value).git);
    const isLocal = typeof value !== "string" && (table(value).path ?? table(value).git) !== undefined;
    return /** @type {[string, Tightness]} */ ([wanted, isLocal ? "local" : semverTightness(wanted.slice(0, MAX_WANTED), false)]);
  };
  const groups = Object.values(table(manifest["dependency-groups"])).flatMap(strings);
  return [
    ...strings(project.dependencies).flatMap((line) => readRequirement(line, false)),
    ...Object.values(table(project["optional-dependencies"]))
      .flatMap(strings)
      .flatMap((line) => readRequirement(line, true)),
    ...groups.flatMap((line) => readRequirement(line, true)),
    ...entries(poetry.dependencies, false, judge).filter(({ name }) => name !== "python"),
    ...entries(poetry["dev-dependencies"], true, judge),
    ...Object.values(table(poetry.group)).flatMap((group) => entries(table(group).dependencies, true, judge)),
  ];
}

/** @param {string} text @returns {Dependency[]} */
function readCargo(text) {
  const manifest = table(parseToml(text));
  const judge = (/** @type {unknown} */ value) => {
    const { version, path, git, workspace } = typeof value === "string" ? { version: value } : table(value);
    const isLocal = version === undefined && (path ?? git ?? workspace) !== undefined;
    return /** @type {[string, Tightness]} */ ([
      word(version ?? path ?? git) || "workspace",
      isLocal ? "local" : semverTightness(word(version).slice(0, MAX_WANTED), true),
    ]);
  };
  return [manifest, table(manifest.workspace), ...Object.values(table(manifest.target)).map(table)].flatMap((part) => [
    ...entries(part.dependencies, false, judge),
    ...entries(part["build-dependencies"], true, judge),
    ...entries(part["dev-dependencies"], true, judge),
  ]);
}

/** `go.mod` always names one version. @param {string} text @returns {Dependency[]} */
function readGoMod(text) {
  /** @type {Dependency[]} */
  const found = [];
  let inBlock = false;
  for (const line of text.split("\n").map((entry) => entry.trim())) {
    if (inBlock && line.startsWith(")")) inBlock = false;
    else if (/^require\b\s*\(/.test(line)) inBlock = true;
    else if ((inBlock || line.startsWith("require ")) && !line.includes("// indirect")) {
      const [name, wanted] = line
        .replace(/^require\s/, "")
        .trim()
        .split(/\s+/, 2);
      if (name && wanted && name !== "//") found.push({ name, wanted, tightness: "pinned", development: false });
    }
  }
  return found;
}
/** @param {string} text @returns {Dependency[]} */
function readGemfile(text) {
  return [
    ...text.matchAll(
      /^[ \t]*(?:gem|s\.add(?:_development|_runtime)?_dependency|spec\.add(?:_development|_runtime)?_dependency)[\s(]+["']([^"'\n]{1,200})["']([^\n#]{0,300})/gm,
    ),
  ].map(([line, name = "", rest = ""]) => {
    const wanted = [...rest.matchAll(/,\s*["']([^"']*\d[^"']*)["']/g)].map((match) => match[1]).join(", ");
    const tightness = /\b(path|git|github):|:(path|git)\s*=>/.test(rest) ? "local" : operatorTightness(/^\d/.test(wanted) ? `=${wanted}` : wanted);
    return { name, wanted, tightness, development: /development/.test(line) };
  });
}
/** Text between two marks, each time they occur; by searching, since a pattern would try every beginning to the end. @param {string} text @param {string} open @param {string} close */
function* between(text, open, close) {
  for (let from = text.indexOf(open); from >= 0; from = text.indexOf(open, from)) {
    const to = text.indexOf(close, from + open.length);
    if (to < 0) return;
    yield { inner: text.slice(from + open.length, to), from, to: to + close.length };
    from = to + close.length;
  }
}
/** @param {string} text @param {string} open @param {string} close */
function without(text, open, close) {
  let rest = "";
  let at = 0;
  for (const { from, to } of between(text, open, close)) {
    rest += text.slice(at, from);
    at = to;
  }
  return rest + text.slice(at);
}
/** @param {string} text @returns {Dependency[]} */
function readPom(text) {
  const plain = without(without(without(text, "<!--", "-->"), "<dependencyManagement>", "</dependencyManagement>"), "<build>", "</build>");
  return [...between(plain, "<dependency>", "</dependency>")].map(({ inner }) => {
    const field = (/** @type {string} */ name) => [...between(inner, `<${name}>`, "<")][0]?.inner.trim().slice(0, MAX_WANTED) ?? "";
    const wanted = field("version");
    // Without a version the parent's dependency management names one.
    const tightness = /[[(,]/.test(wanted) ? "range" : /LATEST|RELEASE|SNAPSHOT/.test(wanted) ? "any" : "pinned";
    return { name: `${field("groupId")}:${field("artifactId")}`, wanted: wanted || "managed", tightness, development: field("scope") === "test" };
  });
}
/** @param {string} text @returns {Dependency[]} */
function readGradle(text) {
  return [
    ...text.matchAll(
      /^[ \t]*(\w{0,40}(?:implementation|api|compileOnly|runtimeOnly))[ \t(]+["']([^"':\n]{1,200}:[^"':\n]{1,200})(?::([^"'\n]{0,200}))?["']/gim,
    ),
  ].map(([, scope = "", name = "", wanted = ""]) => ({
    name,
    wanted: wanted || "managed",
    tightness: /\+|latest|SNAPSHOT/.test(wanted) ? "any" : /[[(,]/.test(wanted) ? "range" : "pinned",
    development: /^test/i.test(scope),
  }));
}
/** @param {string} text @returns {Dependency[]} */
function readCsproj(text) {
  return [...text.matchAll(/<PackageReference\s+Include="([^"]+)"(?:\s+Version="([^"]*)")?/g)].map(([, name = "", wanted = ""]) => ({
    name,
    wanted: wanted || "managed",
    tightness: /\*/.test(wanted) ? "any" : /[[(,]/.test(wanted) ? "range" : "pinned",
    development: false,
  }));
}

/** @type {readonly ManifestKind[]} */
export const manifestKinds = [
  {
    ecosystem: "npm",
    name: /(^|\/)package\.json$/,
    locks: ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"],
    read: readPackageJson,
  },
  { ecosystem: "Python", name: /(^|\/)pyproject\.toml$/, locks: ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"], read: readPyproject },
  { ecosystem: "Python", name: /(^|\/)requirements[^/]*\.(txt|in)$|(^|\/)requirements\/[^/]+\.txt$/, locks: [], read: readRequirements },
  { ecosystem: "Go", name: /(^|\/)go\.mod$/, locks: ["go.sum"], read: readGoMod },
  { ecosystem: "Rust", name: /(^|\/)Cargo\.toml$/, locks: ["Cargo.lock"], read: readCargo },
  { ecosystem: "Ruby", name: /(^|\/)(Gemfile|[^/]+\.gemspec)$/, locks: ["Gemfile.lock"], read: readGemfile },
  { ecosystem: "PHP", name: /(^|\/)composer\.json$/, locks: ["composer.lock"], read: readComposer },
  { ecosystem: "Maven", name: /(^|\/)pom\.xml$/, locks: [], read: readPom },
  { ecosystem: "Gradle", name: /(^|\/)build\.gradle(\.kts)?$/, locks: ["gradle.lockfile"], read: readGradle },
  { ecosystem: ".NET", name: /\.(cs|fs|vb)proj$/, locks: ["packages.lock.json"], read: readCsproj },
];
