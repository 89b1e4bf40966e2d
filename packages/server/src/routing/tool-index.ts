// Which tool servers give what, and who may be handed which: held by name and by word, so that a step that asks for tools costs a few
// look-ups however many servers there are. Pure data, like the index of agents whose places (slots) it speaks of.
import { hasBit, setBit, widen } from "./bits.ts";
import { toCapabilityKey } from "./capability.ts";
import { servesProject } from "./serves-project.ts";

/** A tool or resource that a server has. */
export interface Offer {
  kind: "tool" | "resource";
  name: string;
  description: string;
  /** Of a resource. */
  uri: string | null;
}
/** What an agent is to tools. */
export interface Tooling {
  /** It is a tool server, and this is what it has. */
  gives?: readonly Offer[] | undefined;
  /** Which tool servers it may be handed: ids or names, where not any or none. */
  takes: "any" | "none" | readonly string[];
  /** Why not any, as the end of a sentence that begins with its name. */
  why?: string | undefined;
}
/** Of an agent, what the index of tools looks at. */
export interface Tooled {
  id: string;
  name: string;
  aliases?: readonly string[] | undefined;
  capabilities: readonly { name: string; technologies: readonly string[] }[];
  unavailable: string | null;
  project?: string | null | undefined;
  tools?: Tooling | undefined;
}
export interface FoundServer<A extends Tooled> {
  slot: number;
  agent: A;
  /** What of it was found. */
  offers: readonly Offer[];
}
interface Entry {
  slot: number;
  offer: Offer;
  words: ReadonlySet<string>;
}
/** More servers are never handed over for one word: the best matching go first. */
const MOST_SERVERS = 5;

export class ToolIndex<A extends Tooled> {
  readonly #agents = new Map<number, A>();
  /** Servers by what they are called and what they are said to do; entries by their name and by each word of their description. */
  readonly #servers = new Map<string, Set<number>>();
  readonly #named = new Map<string, Set<Entry>>();
  readonly #worded = new Map<string, Set<Entry>>();
  readonly #entries = new Map<number, Entry[]>();
  /** Agents by the server that their registration names. */
  readonly #takers = new Map<string, Uint32Array>();
  #takesAny = new Uint32Array(2);

  put(slot: number, agent: A): void {
    this.#agents.set(slot, agent);
    const { gives, takes } = agent.tools ?? { takes: "none" };
    setBit(this.#takesAny, slot, takes === "any");
    if (typeof takes !== "string") for (const name of takes) setBit(this.#takersOf(toCapabilityKey(name)), slot, true);
    if (gives === undefined) return;
    for (const name of namesOf(agent, gives)) add(this.#servers, name, slot);
    const entries = gives.map((offer): Entry => ({ slot, offer, words: new Set(wordsOf(`${offer.name} ${offer.description}`)) }));
    this.#entries.set(slot, entries);
    for (const entry of entries) {
      add(this.#named, toCapabilityKey(entry.offer.name), entry);
      for (const word of entry.words) add(this.#worded, word, entry);
    }
  }
  remove(slot: number): void {
    const agent = this.#agents.get(slot);
    if (!agent) return;
    this.#agents.delete(slot);
    const { gives, takes } = agent.tools ?? { takes: "none" };
    setBit(this.#takesAny, slot, false);
    if (typeof takes !== "string") for (const name of takes) this.#forgetTaker(toCapabilityKey(name), slot);
    if (gives === undefined) return;
    for (const name of namesOf(agent, gives)) drop(this.#servers, name, slot);
    for (const entry of this.#entries.get(slot) ?? []) {
      drop(this.#named, toCapabilityKey(entry.offer.name), entry);
      for (const word of entry.words) drop(this.#worded, word, entry);
    }
    this.#entries.delete(slot);
  }
  grow(words: number): void {
    this.#takesAny = widen(this.#takesAny, new Uint32Array(words));
    for (const [name, set] of this.#takers) this.#takers.set(name, widen(set, new Uint32Array(words)));
  }

  /**
   * Servers that give what is asked for, available or not: those called so or said to do it, with all they have; else those with a tool or
   * resource of that name; else those of which one tool or resource has all the words in its name and description.
   */
  find(asked: string): FoundServer<A>[] {
    const key = toCapabilityKey(asked);
    const whole = [...(this.#servers.get(key) ?? [])].map((slot) => this.#found(slot, this.#agents.get(slot)?.tools?.gives ?? []));
    if (whole.length > 0) return inOrder(whole);
    const entries = [...(this.#named.get(key) ?? this.#withWords(wordsOf(asked)))];
    const bySlot = new Map<number, Offer[]>();
    for (const { slot, offer } of entries) bySlot.set(slot, [...(bySlot.get(slot) ?? []), offer]);
    return inOrder([...bySlot].map(([slot, offers]) => this.#found(slot, offers)));
  }
  /** Who may be handed what is asked for by somebody who gives it now; undefined when nobody gives it now. */
  takersOf(asked: string, project: string | undefined): Uint32Array | undefined {
    const giving = this.find(asked).filter(({ agent }) => agent.unavailable === null && servesProject(agent, project));
    if (giving.length === 0) return undefined;
    const takers = this.#takesAny.slice();
    for (const { agent } of giving)
      for (const name of callNames(agent)) this.#takers.get(toCapabilityKey(name))?.forEach((bits, at) => (takers[at] = (takers[at] as number) | bits));
    return takers;
  }
  /** What this one is handed when all of this is asked for, each server once; undefined when something of it cannot be had. */
  handedTo(slot: number, asked: readonly string[], project: string | undefined): FoundServer<A>[] | undefined {
    const handed = new Map<number, FoundServer<A>>();
    for (const one of asked) {
      const found = this.find(one).filter(({ agent }) => agent.unavailable === null && servesProject(agent, project) && this.mayTake(slot, agent));
      if (found.length === 0) return undefined;
      for (const server of found.slice(0, MOST_SERVERS)) {
        const before = handed.get(server.slot)?.offers ?? [];
        handed.set(server.slot, { ...server, offers: [...new Set([...before, ...server.offers])] });
      }
    }
    return [...handed.values()];
  }
  mayTake(slot: number, server: A): boolean {
    if (hasBit(this.#takesAny, slot)) return true;
    return callNames(server).some((name) => {
      const takers = this.#takers.get(toCapabilityKey(name));
      return takers !== undefined && hasBit(takers, slot);
    });
  }

  #found = (slot: number, offers: readonly Offer[]): FoundServer<A> => ({ slot, agent: this.#agents.get(slot) as A, offers });
  #withWords(words: readonly string[]): Entry[] {
    const [fewest, ...others] = words.map((word) => this.#worded.get(word) ?? new Set<Entry>()).toSorted((a, b) => a.size - b.size);
    return fewest === undefined ? [] : [...fewest].filter((entry) => others.every((set) => set.has(entry)));
  }
  #takersOf(name: string): Uint32Array {
    const known = this.#takers.get(name);
    if (known) return known;
    const set = new Uint32Array(this.#takesAny.length);
    this.#takers.set(name, set);
    return set;
  }
  #forgetTaker(name: string, slot: number): void {
    const set = this.#takers.get(name);
    if (!set) return;
    setBit(set, slot, false);
    if (set.every((word) => word === 0)) this.#takers.delete(name);
  }
}
const callNames = ({ id, name, aliases = [] }: Tooled): string[] => [id, name, ...aliases];
/** A capability that only repeats the name of one of its tools speaks of that tool, not of all of it. */
function namesOf(agent: Tooled, gives: readonly Offer[]): Set<string> {
  const own = new Set(gives.map(({ name }) => toCapabilityKey(name)));
  const said = agent.capabilities.flatMap(({ name, technologies }) => [name, ...technologies]).map(toCapabilityKey);
  return new Set([...callNames(agent).map(toCapabilityKey), ...said.filter((name) => !own.has(name))]);
}
/** Words of three letters and more, in lower case and without the s of a plural. */
const wordsOf = (text: string): string[] =>
  [
    ...new Set(
      text
        .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
        .toLowerCase()
        .match(/[\p{L}\p{N}]{3,}/gu) ?? [],
    ),
  ].map((word) => (word.length > 3 && word.endsWith("s") ? word.slice(0, -1) : word));
const inOrder = <A extends Tooled>(found: FoundServer<A>[]): FoundServer<A>[] =>
  found.toSorted((a, b) => b.offers.length - a.offers.length || (a.agent.name < b.agent.name ? -1 : 1));

function add<T>(sets: Map<string, Set<T>>, key: string, member: T): void {
  const set = sets.get(key);
  if (set) set.add(member);
  else sets.set(key, new Set([member]));
}
function drop<T>(sets: Map<string, Set<T>>, key: string, member: T): void {
  const set = sets.get(key);
  set?.delete(member);
  if (set?.size === 0) sets.delete(key);
}
