// What a file is, told by its name and first lines: its language, and whether people wrote it, a tool did, or it came from elsewhere.

/** @typedef {"code" | "prose" | "data" | "other"} Family */
/** @typedef {"authored" | "generated" | "vendored"} Origin */

/** @type {Record<Family, string>} one entry per language: Name:endings or whole file names */
const table = {
  code:
    "TypeScript:.ts,.mts,.cts TSX:.tsx JavaScript:.js,.mjs,.cjs JSX:.jsx Python:.py,.pyi Go:.go Rust:.rs Java:.java Kotlin:.kt,.kts Scala:.scala,.sbt " +
    "C:.c,.h C++:.cc,.cpp,.cxx,.hpp,.hh,.hxx C#:.cs F#:.fs,.fsx Swift:.swift Objective-C:.m,.mm Ruby:.rb,.rake,.gemspec,Rakefile,Gemfile PHP:.php Perl:.pl,.pm Lua:.lua " +
    "R:.r Julia:.jl Elixir:.ex,.exs Erlang:.erl,.hrl Haskell:.hs OCaml:.ml,.mli Clojure:.clj,.cljs,.cljc,.edn Dart:.dart Zig:.zig Nim:.nim Solidity:.sol Groovy:.groovy,.gradle,Jenkinsfile " +
    "Shell:.sh,.bash,.zsh,.fish PowerShell:.ps1,.psm1 Batch:.bat,.cmd SQL:.sql HTML:.html,.htm,.xhtml CSS:.css SCSS:.scss,.sass Less:.less Vue:.vue Svelte:.svelte Astro:.astro " +
    "Template:.ejs,.hbs,.mustache,.jinja,.j2,.twig,.liquid,.erb,.pug,.haml Assembly:.s,.asm CUDA:.cu,.cuh Fortran:.f,.f90,.f95 Pascal:.pas Ada:.adb,.ads VisualBasic:.vb Tcl:.tcl Elm:.elm " +
    "Nix:.nix Terraform:.tf,.tfvars Protobuf:.proto GraphQL:.graphql,.gql Thrift:.thrift GLSL:.glsl,.vert,.frag Verilog:.v,.sv VHDL:.vhd,.vhdl CMake:.cmake,CMakeLists.txt " +
    "Make:Makefile,GNUmakefile,makefile,.mk Docker:Dockerfile,.dockerfile Starlark:.bzl,BUILD,WORKSPACE Meson:meson.build M4:.m4 Vim:.vim Emacs-Lisp:.el Lisp:.lisp,.cl Scheme:.scm,.rkt Awk:.awk",
  prose:
    "Markdown:.md,.markdown,.mdx reStructuredText:.rst AsciiDoc:.adoc,.asciidoc Text:.txt,LICENSE,COPYING,NOTICE,AUTHORS,CHANGELOG,README TeX:.tex,.bib Org:.org Man:.1,.3,.5,.7,.8",
  data: "JSON:.json,.json5,.jsonc,.jsonl,.geojson,.webmanifest YAML:.yml,.yaml TOML:.toml XML:.xml,.xsd,.xsl,.plist,.csproj,.props INI:.ini,.cfg,.conf,.properties,.editorconfig CSV:.csv,.tsv SVG:.svg Gettext:.po,.pot Notebook:.ipynb Dotenv:.env Patch:.patch,.diff",
  other: "",
};

/** @type {Map<string, { language: string, family: Family }>} */
const byName = new Map();
for (const family of /** @type {Family[]} */ (Object.keys(table))) {
  for (const entry of (table[family] ?? "").split(" ").filter(Boolean)) {
    const colon = entry.lastIndexOf(":");
    for (const name of entry.slice(colon + 1).split(",")) byName.set(name, { language: entry.slice(0, colon), family });
  }
}
/** @type {Record<string, string>} */
const interpreters = {
  sh: "Shell",
  bash: "Shell",
  zsh: "Shell",
  dash: "Shell",
  python: "Python",
  python3: "Python",
  node: "JavaScript",
  ruby: "Ruby",
  perl: "Perl",
  php: "PHP",
  lua: "Lua",
  awk: "Awk",
};

const vendored =
  /(^|\/)(node_modules|bower_components|vendor|vendors|third[_-]party|Pods|Carthage|Godeps|external|extern|site-packages|\.yarn\/(releases|plugins|sdks|cache))\//i;
const generatedName =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|uv\.lock|Pipfile\.lock|Cargo\.lock|composer\.lock|Gemfile\.lock|go\.sum|mix\.lock|pubspec\.lock|flake\.lock|packages\.lock\.json|gradle\.lockfile)$|\.min\.(js|css)$|\.(js|css|mjs)\.map$|[._](pb|pb2|pb_grpc|generated|gen|g)\.[a-z]+$|_pb2(_grpc)?\.pyi?$|(^|\/)(dist|__generated__|__snapshots__)\/|\.snap$/i;
const generatedMark =
  /@generated\b|\bcode generated\b.{0,80}\bdo not edit\b|\bauto-?generated\b.{0,80}\b(do not|don't) (edit|modify)\b|\bthis file (is|was) (automatically |auto-?)generated\b/i;
const testPath =
  /(^|\/)(tests?|__tests__|specs?|testing|e2e|cypress|testdata|fixtures?|__mocks__)\/|[._-](test|tests|spec|e2e|cy)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rb|exs?|cc|cpp|dart)$|(Test|Tests|IT|Spec)\.(java|kt|scala|cs|swift|php)$/;

/**
 * @param {string} path
 * @param {string | null} [text] its content, when at hand
 * @returns {{ language: string, family: Family }}
 */
export function languageOf(path, text) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const exact = byName.get(name);
  if (exact) return exact;
  const dot = name.lastIndexOf(".");
  const found = dot >= 0 ? byName.get(name.slice(dot).toLowerCase()) : undefined;
  if (found) return found;
  if (/^Dockerfile\b|\.Dockerfile$/.test(name)) return { language: "Docker", family: "code" };
  if (/^\.env(\.|$)/.test(name)) return { language: "Dotenv", family: "data" };
  const interpreter = /^#!\s*\S*?(?:env\s+(?:-S\s*)?)?([a-z]+3?)[\d.]*(?:\s|$)/.exec(text?.slice(0, 120).replace(/^#!\s*\S*\//, "#!") ?? "")?.[1];
  const language = interpreter === undefined ? undefined : interpreters[interpreter];
  return language ? { language, family: "code" } : { language: "Other", family: "other" };
}

/**
 * @param {string} path
 * @param {string | null} [text]
 * @returns {Origin}
 */
export function originOf(path, text) {
  if (vendored.test(path)) return "vendored";
  if (generatedName.test(path)) return "generated";
  if (!text) return "authored";
  // A mark counts only in the first lines: a generator's own source names it further down.
  if (generatedMark.test(text.slice(0, 600).split("\n").slice(0, 8).join(" "))) return "generated";
  return isMinified(path, text) ? "generated" : "authored";
}

/** @param {string} path @param {string} text */
function isMinified(path, text) {
  if (!/\.(js|cjs|mjs|css|json)$/i.test(path) || text.length < 5000) return false;
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0 && lines * 500 < text.length; at = text.indexOf("\n", at + 1)) lines++;
  return text.length / lines > 500;
}

/** @param {string} path */
export const isTest = (path) => testPath.test(path);
/** Whether an earlier step found the file not to be the authors' own. @param {readonly string[]} skip files, or folders ending in "/" */
export const skipper = (skip) => {
  const files = new Set(skip.filter((entry) => !entry.endsWith("/")));
  const folders = skip.filter((entry) => entry.endsWith("/"));
  return (/** @type {string} */ path) => files.has(path) || folders.some((folder) => path.startsWith(folder));
};
