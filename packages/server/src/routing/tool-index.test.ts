// Which tool servers are found for what is asked, and who may be handed them.
import { describe, expect, test } from "vitest";
import { AgentIndex, type Offer, type RoutableAgent, type Tooling } from "./agent-index.ts";
import { whyNobody } from "./assignment.ts";

const agent = (name: string, more: Partial<RoutableAgent> = {}): RoutableAgent => ({
  id: `id-${name}`,
  name,
  capabilities: [],
  maxConcurrentTasks: 5,
  unavailable: null,
  parkedFor: null,
  completed: 0,
  failed: 0,
  averageDurationMs: null,
  role: "worker",
  price: null,
  ...more,
});
const tool = (name: string, description = ""): Offer => ({ kind: "tool", name, description, uri: null });
const server = (name: string, gives: readonly Offer[], more: Partial<RoutableAgent> = {}) => agent(name, { tools: { gives, takes: "none" }, ...more });
const taker = (name: string, takes: Tooling["takes"] = "any", why?: string) =>
  agent(name, { capabilities: [{ name: "code", proficiency: 1, technologies: [] }], tools: { takes, why } });
const indexOf = (...agents: RoutableAgent[]): AgentIndex => {
  const index = new AgentIndex();
  for (const one of agents) index.put(one);
  return index;
};
const weather = server("weather-tools", [
  tool("get_forecast", "What the weather of a city will be."),
  { kind: "resource", name: "stations", description: "Every weather station.", uri: "weather://stations" },
]);
const files = server("files", [tool("read_file", "Reads a file."), tool("write_file", "Writes a file.")], {
  capabilities: [{ name: "Storage", proficiency: 1, technologies: [] }],
});

describe("a tool server is found", () => {
  const index = indexOf(weather, files);
  const found = (asked: string) => index.tools.find(asked).map(({ agent, offers }) => [agent.name, ...offers.map(({ name }) => name)]);
  test.each([
    ["by its name, with all it has", "Weather Tools", ["weather-tools", "get_forecast", "stations"]],
    ["by what it is said to do, with all it has", "storage", ["files", "read_file", "write_file"]],
    ["by the name of a tool, with that", "read-file", ["files", "read_file"]],
    ["by words of a description, in any form", "city weathers", ["weather-tools", "get_forecast"]],
    ["by the words of a resource", "weather station", ["weather-tools", "stations"]],
  ])("%s", (_, asked, those) => expect(found(asked)).toEqual([those]));
  test.each(["weather read", "mail", "", "a", "of"])("not by %j", (asked) => expect(found(asked)).toEqual([]));
  test("no more once it is gone or has other tools", () => {
    const changing = indexOf(weather, files);
    changing.remove("id-files");
    changing.put({ ...weather, tools: { gives: [tool("tides")], takes: "none" } });
    expect(["storage", "read_file", "files", "forecast"].map((asked) => changing.tools.find(asked).length)).toEqual([0, 0, 0, 0]);
    expect(changing.tools.find("tides")).toHaveLength(1);
  });
});

describe("work that asks for tools", () => {
  const demand = { requirements: ["code"], tools: ["read_file", "get_forecast"] };
  test("goes only to one that may be handed all of them, with both servers", () => {
    const plain = agent("plain", { capabilities: [{ name: "code", proficiency: 1, technologies: [] }] });
    const index = indexOf(plain, taker("none", "none"), taker("some", ["files"]), taker("both", ["id-files", "weather tools"]), weather, files);
    const choice = index.choose(demand);
    expect(choice).toMatchObject({ agent: { name: "both" }, considered: 1 });
    expect(choice?.handed.map(({ agent, offers }) => [agent.name, offers.map(({ name }) => name)])).toEqual([
      ["files", ["read_file"]],
      ["weather-tools", ["get_forecast"]],
    ]);
    expect(index.choose({ ...demand, tools: ["files"], agent: "some" })?.handed).toHaveLength(1);
    expect(index.choose({ ...demand, agent: "some" })).toBeUndefined();
    index.remove("id-both");
    expect(index.choose(demand)).toBeUndefined();
  });
  test("is not for the preferred one when that cannot be handed them", () =>
    expect(indexOf(taker("none", "none"), taker("any"), weather, files).choose({ ...demand, preferred: "id-none" })?.agent.name).toBe("any"));
  test("waits, and says for what", () => {
    const why = (...agents: RoutableAgent[]) => whyNobody(indexOf(...agents), { requirements: ["code"], tools: ["storage"] });
    expect(why(taker("any"))).toEqual({ kind: "agent", detail: "No registered tool server gives storage." });
    expect(why(taker("any"), { ...files, unavailable: "is paused" })?.detail).toBe("The only tool server that gives storage cannot be used: files is paused.");
    expect(why(taker("ann", "none", "is to be handed none"), files)?.detail).toBe(
      "The only agent that could do it cannot be handed storage: ann is to be handed none.",
    );
    expect(why(taker("ann", "none", "is to be handed none"), taker("bob", ["mail"], "is to be handed only mail"), files)?.detail).toBe(
      "None of the 2 agents that could do it can be handed storage: ann is to be handed none; bob is to be handed only mail.",
    );
    expect(why(files)?.detail).toBe("No registered agent has code.");
    expect(why(taker("any"), files)).toBeNull();
  });
  test("finds places beyond the first hundred agents", () => {
    const index = indexOf(weather, ...Array.from({ length: 200 }, (_, at) => taker(`taker-${at}`, at === 199 ? ["weather-tools"] : "none")));
    expect(index.choose({ requirements: ["code"], tools: ["forecast"] })?.agent.name).toBe("taker-199");
    expect(index.placesFor({ requirements: ["code"], tools: ["forecast"] }, 10)).toBe(4);
  });
});

test("a tool server takes what is asked of one of its tools, or of it, and nothing else", () => {
  const index = indexOf(server("adder", [tool("add")], { onRequest: true, capabilities: [{ name: "add", proficiency: 1, technologies: [] }] }));
  expect([{ requirements: [] }, { requirements: ["add"] }, { requirements: [], agent: "adder" }].map((wanted) => index.choose(wanted)?.agent.name)).toEqual([
    undefined,
    "adder",
    "adder",
  ]);
});
