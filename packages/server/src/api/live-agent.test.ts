import { expect, test } from "vitest";
import type { AgentLink, DialinDoor } from "./dialin-door.ts";
import { LiveAgent } from "./live-agent.ts";
import { LiveMail } from "./live-mail.ts";

const never = () => Promise.reject(new Error("not in this test"));
test("a door that lets go of an agent ends its connection", async () => {
  const links: AgentLink[] = [];
  const door: DialinDoor = {
    attach: async ({ agent, holding }, link) => {
      links.push(link);
      return { agentId: "a1", name: agent.name, capabilities: [], resumed: holding, dropped: [] };
    },
    detach: () => undefined,
    accepted: () => undefined,
    progressed: () => undefined,
    updated: () => undefined,
    asked: () => undefined,
    ended: async () => ({ accepted: true, reason: "stored" }),
  };
  let closed = 0;
  const agent = new LiveAgent(
    door,
    new LiveMail({ open: never, settle: never, send: never }, { send: () => undefined, ready: async () => true }),
    () => undefined,
    () => closed++,
  );
  await agent.handle({ type: "agent.attach", agent: { name: "counter" }, holding: [] });
  links[0]?.close();
  expect(closed).toBe(1);
});
