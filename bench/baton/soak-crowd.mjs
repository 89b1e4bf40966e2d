// Agents that dial in and do what the first word of their work says, some of it badly.
import { importBuilt } from "./built.mjs";

export async function dialIn({ url, count }) {
  const { connectAgent } = await importBuilt("index.js", "client");
  const behaviours = {
    fail: () => {
      throw new Error("I cannot do that");
    },
    hang: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    flood: () => "x".repeat(11 * 2 ** 20),
    progress: (_, { progress, update }) => {
      progress({ fraction: 0.5, message: "half way" });
      for (let n = 0; n < 20; n++) update({ kind: "text", text: `piece ${n} ` });
      return "done";
    },
  };
  const names = Array.from({ length: count }, (_, at) => `dialin-${at}`);
  for (const name of names) {
    let agent;
    let leaving;
    const work = (given, context) => {
      // Goes away in the middle of all its work, and comes back, once.
      if (given.description.startsWith("die")) {
        leaving ??= agent.close({ graceMs: 0 }).then(connect);
        return new Promise(() => undefined);
      }
      return (behaviours[given.description.split(" ")[0]] ?? ((one) => one.description))(given, context);
    };
    const connect = async () => {
      agent = await connectAgent({ url, name, capabilities: ["soak"], maxConcurrentTasks: 4 }, work);
      leaving = undefined;
    };
    await connect();
  }
  return names;
}
