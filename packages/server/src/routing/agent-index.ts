// Who can do what, held so that a choice among ten thousand agents takes microseconds: one bit set per capability, scores
// computed only for the agents that pass every filter. Pure data: no rows, no sockets, no clock.
import { whyPassedOver } from "./holder.ts";
import { hasBit, setBit, widen } from "./bits.ts";
import { LOAD_LIMIT, matchScore, ROLE_BONUS, successRate, usablePlaces } from "./score.ts";
import type { Choice, Demand, RoutableAgent } from "./demand.ts";
import { CapabilityWords } from "./capability-words.ts";
import { ANYTHING, skillsOf } from "./skills.ts";
import { servesProject } from "./serves-project.ts";
import { type FoundServer, ToolIndex } from "./tool-index.ts";

export type { Choice, Demand, RoutableAgent } from "./demand.ts";
export type { FoundServer, Offer, Tooling } from "./tool-index.ts";

interface Skill {
  members: Uint32Array;
  proficiency: Float64Array;
}
const MAX_ALTERNATIVES = 3;

export class AgentIndex {
  readonly #slots = new Map<string, number>();
  readonly #names = new Map<string, number>();
  /** Ids in order, of which the first answers: ids that Baton gives are in the order of registration. */
  readonly #aliases = new Map<string, string[]>();
  readonly #agents: (RoutableAgent | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #skills = new Map<string, Skill>();
  readonly #words = new CapabilityWords();
  readonly tools = new ToolIndex<RoutableAgent>();
  #capacity = 64;
  #available = new Uint32Array(2);
  #admitted = new Uint32Array(2);
  #active = new Int32Array(64);
  #chosenAt = new Float64Array(64);
  #choices = 0;

  get size(): number {
    return this.#slots.size;
  }
  get(idOrName: string): RoutableAgent | undefined {
    const slot = this.#slotOf(idOrName);
    return slot === undefined ? undefined : this.#agents[slot];
  }
  put(agent: RoutableAgent): void {
    const known = this.#slots.get(agent.id);
    const slot = known ?? this.#free.pop() ?? this.#agents.length;
    if (slot >= this.#capacity) this.#grow();
    const before = this.#agents[slot];
    if (before) this.#forget(slot, before);
    this.#agents[slot] = agent;
    this.#slots.set(agent.id, slot);
    this.#names.set(agent.name, slot);
    for (const alias of agent.aliases ?? []) this.#aliases.set(alias, [...(this.#aliases.get(alias) ?? []), agent.id].sort());
    for (const { key, proficiency } of skillsOf(agent)) {
      const skill = this.#skill(key);
      setBit(skill.members, slot, true);
      skill.proficiency[slot] = Math.max(skill.proficiency[slot] ?? 0, proficiency);
    }
    for (const { name } of agent.capabilities) this.#words.add(name);
    this.tools.put(slot, agent);
    this.#refresh(slot);
  }
  remove(id: string): void {
    const slot = this.#slots.get(id);
    const agent = slot === undefined ? undefined : this.#agents[slot];
    if (slot === undefined || !agent) return;
    this.#forget(slot, agent);
    this.#slots.delete(id);
    this.#agents[slot] = undefined;
    this.#active[slot] = 0;
    this.#chosenAt[slot] = 0;
    this.#free.push(slot);
    setBit(this.#available, slot, false);
    setBit(this.#admitted, slot, false);
  }
  active(id: string): number {
    const slot = this.#slots.get(id);
    return slot === undefined ? 0 : (this.#active[slot] as number);
  }
  setActive(id: string, active: number): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#active[slot] = active;
    this.#refresh(slot);
  }
  /** Capabilities made of just these stems (`toStems`) that somebody has who takes any work, and may take some. */
  named(stems: readonly string[], project: string | undefined): string[] {
    return this.#words.find(stems).filter((key) => this.couldServe({ requirements: [key, ANYTHING], project }));
  }
  /** Ids of all that have the capabilities, available or not. */
  capable(demand: Demand): string[] {
    return this.#matching(demand).map((slot) => (this.#agents[slot] as RoutableAgent).id);
  }
  /** All that have the capabilities, with their scores: those who may take work first, then the best, then by name. */
  ranked(demand: Demand, limit: number): { agent: RoutableAgent; score: number }[] {
    const found = this.#matching(demand).map((slot) => {
      const agent = this.#agents[slot] as RoutableAgent;
      return { agent, score: this.#score(slot, agent, demand) };
    });
    const shut = ({ agent }: { agent: RoutableAgent }): number => (agent.unavailable === null ? 0 : 1);
    found.sort((a, b) => shut(a) - shut(b) || b.score - a.score || (a.agent.name < b.agent.name ? -1 : 1));
    return found.slice(0, limit);
  }
  /** The tool servers an agent is handed when all of this is asked for; undefined when it cannot be. */
  handedTo(id: string, asked: readonly string[], project: string | undefined): FoundServer<RoutableAgent>[] | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.tools.handedTo(slot, asked, project);
  }
  mayTake(id: string, server: RoutableAgent): boolean {
    const slot = this.#slots.get(id);
    return slot !== undefined && this.tools.mayTake(slot, server);
  }
  /** Whether somebody who may take work has the capabilities, busy or not. */
  couldServe(demand: Demand): boolean {
    let found = false;
    this.#eachIn(this.#admitted, demand, () => {
      found = true;
      return false;
    });
    return found;
  }
  /** Places open now for such work, counted up to `enough`. */
  placesFor(demand: Demand, enough: number): number {
    let places = 0;
    this.#eachCandidate(demand, (slot, agent) => {
      places += usablePlaces(agent.maxConcurrentTasks) - (this.#active[slot] as number);
      return places < enough;
    });
    return Math.min(places, enough);
  }
  /** The best agent that can take it now, with what else was considered; undefined when nobody can. Ties go to whoever was chosen longest ago. */
  choose(demand: Demand): Choice | undefined {
    const best: { slot: number; score: number }[] = [];
    let considered = 0;
    this.#eachCandidate(demand, (slot, agent) => {
      considered++;
      const score = this.#score(slot, agent, demand);
      const last = best[best.length - 1];
      if (best.length <= MAX_ALTERNATIVES || !last || score >= last.score) this.#rankIn(best, slot, score);
      return true;
    });
    const winner = best[0];
    if (!winner) return undefined;
    const agent = this.#agents[winner.slot] as RoutableAgent;
    this.#chosenAt[winner.slot] = ++this.#choices;
    return {
      agent,
      active: this.#active[winner.slot] as number,
      score: winner.score,
      proficiencySum: this.#proficiencySum(winner.slot, demand),
      successRate: successRate(agent),
      alternatives: best.slice(1).map(({ slot, score }) => ({ agent: this.#agents[slot] as RoutableAgent, score })),
      considered,
      handed: this.tools.handedTo(winner.slot, demand.tools ?? [], demand.project) ?? [],
      ...(demand.holder === undefined || demand.holder === agent.id ? {} : { passedOver: whyPassedOver(this.get(demand.holder), demand) }),
    };
  }

  #rankIn(best: { slot: number; score: number }[], slot: number, score: number): void {
    const before = (other: { slot: number; score: number }) =>
      score > other.score || (score === other.score && (this.#chosenAt[slot] as number) < (this.#chosenAt[other.slot] as number));
    const at = best.findIndex(before);
    if (at >= 0) best.splice(at, 0, { slot, score });
    else if (best.length <= MAX_ALTERNATIVES) best.push({ slot, score });
    if (best.length > MAX_ALTERNATIVES + 1) best.pop();
  }
  #eachCandidate(demand: Demand, visit: (slot: number, agent: RoutableAgent) => boolean): void {
    this.#eachIn(this.#available, demand, visit);
  }
  #eachIn(members: Uint32Array, demand: Demand, visit: (slot: number, agent: RoutableAgent) => boolean): void {
    const avoided = demand.excluded && this.#couldAvoid(demand, demand.excluded) ? demand.excluded : undefined;
    const offer = (slot: number): boolean => {
      const agent = this.#agents[slot] as RoutableAgent;
      return !servesProject(agent, demand.project) || avoided?.includes(agent.id) ? true : visit(slot, agent);
    };
    const named = demand.agent ?? this.#preferredNow(demand) ?? this.#holderIn(members, demand);
    if (named !== undefined) {
      const slot = this.#slotOf(named);
      if (slot !== undefined && hasBit(members, slot) && this.#covers(slot, { ...demand, agent: named })) offer(slot);
      return;
    }
    const sets = this.#sets(demand);
    if (!sets) return;
    for (let word = 0; word < members.length; word++) {
      let bits = members[word] as number;
      for (const set of sets) bits &= set[word] as number;
      for (; bits !== 0; bits &= bits - 1) if (!offer(word * 32 + 31 - Math.clz32(bits & -bits))) return;
    }
  }
  /** The preferred one while it may take work, busy or not. */
  #preferredNow({ preferred, excluded, requirements, tools, project }: Demand): string | undefined {
    if (preferred === undefined || excluded?.includes(preferred)) return undefined;
    const slot = this.#slots.get(preferred);
    return slot !== undefined && hasBit(this.#admitted, slot) && this.#covers(slot, { requirements, tools, project, agent: preferred }) ? preferred : undefined;
  }
  /** Who holds the conversation, if it is among these: a busy one is not waited for, because another can be told what was said. */
  #holderIn(members: Uint32Array, { holder, excluded, requirements, tools, project }: Demand): string | undefined {
    if (holder === undefined || excluded?.includes(holder)) return undefined;
    const slot = this.#slots.get(holder);
    return slot !== undefined && hasBit(members, slot) && this.#covers(slot, { requirements, tools, project, agent: holder }) ? holder : undefined;
  }
  /** Whether somebody who may take work, busy or not, could do it besides these. */
  #couldAvoid({ requirements, agent, tools, project }: Demand, ids: readonly string[]): boolean {
    let found = false;
    this.#eachIn(this.#admitted, { requirements, agent, tools, project }, (_, { id }) => {
      found = !ids.includes(id);
      return !found;
    });
    return found;
  }
  #matching(demand: Demand): number[] {
    if (demand.agent !== undefined) {
      const slot = this.#slotOf(demand.agent);
      return slot !== undefined && this.#covers(slot, demand) ? [slot] : [];
    }
    const sets = this.#sets(demand);
    if (!sets) return [];
    return [...this.#slots.values()].filter(
      (slot) => servesProject(this.#agents[slot] as RoutableAgent, demand.project) && sets.every((set) => hasBit(set, slot)),
    );
  }
  /** Who is in all of them has what is asked for. */
  #sets(demand: Demand): Uint32Array[] | undefined {
    const sets: Uint32Array[] = [];
    for (const key of demand.requirements.length === 0 && demand.agent === undefined ? [ANYTHING] : demand.requirements) {
      const skill = this.#skills.get(key);
      if (!skill) return undefined;
      sets.push(skill.members);
    }
    for (const asked of demand.tools ?? []) {
      const takers = this.tools.takersOf(asked, demand.project);
      if (!takers) return undefined;
      sets.push(takers);
    }
    return sets;
  }
  #covers(slot: number, demand: Demand): boolean {
    if (!servesProject(this.#agents[slot] as RoutableAgent, demand.project)) return false;
    return this.#sets(demand)?.every((set) => hasBit(set, slot)) ?? false;
  }
  #score(slot: number, agent: RoutableAgent, demand: Demand): number {
    const score = matchScore(this.#proficiencySum(slot, demand), successRate(agent), (this.#active[slot] as number) / agent.maxConcurrentTasks);
    return demand.role !== undefined && demand.role === agent.role ? score + ROLE_BONUS : score;
  }
  #proficiencySum(slot: number, demand: Demand): number {
    let sum = 0;
    for (const key of demand.requirements) sum += this.#skills.get(key)?.proficiency[slot] ?? 0;
    return sum;
  }
  #slotOf(idOrName: string): number | undefined {
    return this.#slots.get(idOrName) ?? this.#names.get(idOrName) ?? this.#slots.get(this.#aliases.get(idOrName)?.[0] ?? "");
  }
  #skill(key: string): Skill {
    const known = this.#skills.get(key);
    if (known) return known;
    const skill = { members: new Uint32Array(this.#capacity / 32), proficiency: new Float64Array(this.#capacity) };
    this.#skills.set(key, skill);
    return skill;
  }
  #refresh(slot: number): void {
    const agent = this.#agents[slot];
    const admitted = agent !== undefined && agent.unavailable === null;
    setBit(this.#admitted, slot, admitted);
    setBit(this.#available, slot, admitted && (this.#active[slot] as number) / agent.maxConcurrentTasks < LOAD_LIMIT);
  }
  #forget(slot: number, agent: RoutableAgent): void {
    this.tools.remove(slot);
    this.#names.delete(agent.name);
    for (const alias of agent.aliases ?? []) {
      const others = (this.#aliases.get(alias) ?? []).filter((id) => id !== agent.id);
      if (others.length === 0) this.#aliases.delete(alias);
      else this.#aliases.set(alias, others);
    }
    for (const { key } of skillsOf(agent)) {
      const skill = this.#skills.get(key);
      if (!skill) continue;
      setBit(skill.members, slot, false);
      skill.proficiency[slot] = 0;
      if (!skill.members.every((word) => word === 0)) continue;
      this.#skills.delete(key);
      this.#words.remove(key);
    }
  }
  #grow(): void {
    this.#capacity *= 2;
    const words = this.#capacity / 32;
    this.tools.grow(words);
    this.#available = widen(this.#available, new Uint32Array(words));
    this.#admitted = widen(this.#admitted, new Uint32Array(words));
    this.#active = widen(this.#active, new Int32Array(this.#capacity));
    this.#chosenAt = widen(this.#chosenAt, new Float64Array(this.#capacity));
    for (const skill of this.#skills.values()) {
      skill.members = widen(skill.members, new Uint32Array(words));
      skill.proficiency = widen(skill.proficiency, new Float64Array(this.#capacity));
    }
  }
}
