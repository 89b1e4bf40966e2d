// Judges imports by the law. Pure: the law and the imports in, what is wrong out.
import { posix } from "node:path";

/**
 * @typedef {object} Law
 * @property {Record<string, readonly string[]>} may place -> the places it may import, and `npm:name` where it is pure
 * @property {Record<string, readonly string[]>} doors room -> the files it is entered by
 * @property {readonly string[]} open rooms where every file is a door
 * @property {readonly string[]} roof places that may open a room at any file
 * @property {readonly string[]} pure places that import nothing from outside
 * @property {readonly string[]} strangers rooms whose folders do not know each other
 * @property {readonly string[]} testsOnly packages only tests may import
 * @property {readonly string[]} loaders files that import what settings name
 * @property {readonly string[]} planned places that need not exist yet
 */
/** @typedef {{file: string, line: number, message: string}} Violation */

const TEST = /\.(test|testsuite|testkit|fixture)\.(ts|tsx|mjs)$/;
const isTest = (/** @type {string} */ file) => TEST.test(file) || file.includes("/test/");
const PACKAGE = /^packages\/([^/]+)\//;
const ROOM = /^packages\/server\/src\/([^/]+)\//;

/** The place a file belongs to. @param {string} file */
function placeOf(file) {
  const room = ROOM.exec(file)?.[1];
  if (room !== undefined) return `server/${room}`;
  return PACKAGE.exec(file)?.[1] ?? file.split("/")[0] ?? "";
}

const packageOf = (/** @type {string} */ place) => place.split("/")[0];
const outerName = (/** @type {string} */ specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** @param {Law} law @param {import("./imports.mjs").Imports} read */
export function judge(law, { files, imports }) {
  /** @type {Set<string>} */
  const used = new Set();
  const own = imports.filter(({ file }) => !isTest(file));
  const violations = [...strangersToTheLaw(law, files), ...own.flatMap((found) => judgeOne(law, found, used))];
  const places = new Set(files.filter((file) => !isTest(file)).map(placeOf));
  const missing = law.planned.filter((place) => !places.has(place));
  const stale = staleEntries(law, { files: new Set(files), places, used, missing });
  return { violations, stale, refused: violations.length > 0 || (stale.length > 0 && missing.length === 0) };
}

/** @param {Law} law @param {string[]} files @returns {Violation[]} */
function strangersToTheLaw(law, files) {
  const unknown = new Map(files.filter((file) => !isTest(file) && law.may[placeOf(file)] === undefined).map((file) => [placeOf(file), file]));
  return [...unknown].map(([place, file]) => ({
    file,
    line: 1,
    message: `the place "${place}" is not in the import law: say in scripts/import-law.mjs what it may import`,
  }));
}

/** @param {Law} law @param {import("./imports.mjs").Import} found @param {Set<string>} used @returns {Violation[]} */
function judgeOne(law, { file, line, specifier }, used) {
  const from = placeOf(file);
  const no = (/** @type {string} */ message) => [{ file, line, message }];
  if (specifier === null && law.loaders.includes(file)) {
    used.add(file);
    return [];
  }
  if (specifier === null) return no("an import of a computed name cannot be judged: name what is imported");
  if (specifier.startsWith("@baton/")) return judgeEdge(law, from, specifier.split("/")[1] ?? "", used).flatMap(no);
  if (!specifier.startsWith(".")) return judgeOuter(law, from, specifier, used).flatMap(no);
  const target = posix.join(posix.dirname(file), specifier);
  const to = placeOf(target);
  // A package may read its own manifest, for its version.
  if (posix.basename(target) === "package.json" && packageOf(to) === packageOf(from)) return [];
  if (isTest(target)) return no(`${target} is for tests only`);
  if (to === from) return judgeStrangers(law, from, file, target).flatMap(no);
  if (packageOf(to) !== packageOf(from)) return no(`a package is entered by its name, not by ${specifier}`);
  const edge = judgeEdge(law, from, to, used);
  return (edge.length > 0 ? edge : judgeDoor(law, from, to, target)).flatMap(no);
}

/** @param {Law} law @param {string} from @param {string} to @param {Set<string>} used */
function judgeEdge(law, from, to, used) {
  used.add(`${from} -> ${to}`);
  const allowed = law.may[from] ?? [];
  return allowed.includes(to) ? [] : [`${from} may not import ${to}; it may import ${allowed.join(", ") || "nothing"}`];
}

/** @param {Law} law @param {string} from @param {string} specifier @param {Set<string>} used */
function judgeOuter(law, from, specifier, used) {
  const name = outerName(specifier);
  if (law.testsOnly.includes(name)) return [`${name} is not there when Baton runs: only tests may import it`];
  if (!law.pure.includes(from)) return [];
  used.add(`${from} -> npm:${name}`);
  return (law.may[from] ?? []).includes(`npm:${name}`) ? [] : [`${from} only thinks: it may not import ${name}`];
}

/** @param {Law} law @param {string} from @param {string} room @param {string} target */
function judgeDoor(law, from, room, target) {
  if (law.open.includes(room) || law.roof.includes(from) || !room.includes("/")) return [];
  const doors = doorsOf(law, room);
  return doors.includes(target) ? [] : [`${room} is entered by its door (${doors.map((door) => posix.basename(door)).join(", ")}), not by ${target}`];
}

/** @param {Law} law @param {string} room */
function doorsOf(law, room) {
  const names = law.doors[room] ?? [`${posix.basename(room)}.ts`];
  return names.map((name) => `packages/server/src/${posix.basename(room)}/${name}`);
}

/** @param {Law} law @param {string} room @param {string} file @param {string} target */
function judgeStrangers(law, room, file, target) {
  if (!law.strangers.includes(room)) return [];
  const [here, there] = [file, target].map((path) => path.split("/").slice(4, -1)[0]);
  return here !== undefined && there !== undefined && here !== there ? [`${room}/${here} may not know ${room}/${there}`] : [];
}

/** @param {Law} law @param {{files: Set<string>, places: Set<string>, used: Set<string>, missing: string[]}} seen */
function staleEntries(law, { files, places, used, missing }) {
  const gone = Object.keys(law.may).filter((place) => !places.has(place) && !missing.includes(place));
  const edges = Object.entries(law.may).flatMap(([from, tos]) => (places.has(from) ? tos.map((to) => `${from} -> ${to}`) : []));
  const doors = Object.keys(law.doors).flatMap((room) => (places.has(room) ? doorsOf(law, room) : []));
  return [
    ...gone.map((place) => `the place "${place}" does not exist`),
    ...law.loaders.filter((file) => !used.has(file)).map((file) => `${file} imports no computed name`),
    ...edges.filter((edge) => !used.has(edge)).map((edge) => `no import needs ${edge}`),
    ...doors.filter((door) => !files.has(door)).map((door) => `the door ${door} does not exist`),
    ...(missing.length === 0 ? law.planned.map((place) => `"${place}" is built and no longer planned`) : []),
  ];
}
