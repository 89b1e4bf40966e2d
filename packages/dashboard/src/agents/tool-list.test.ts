// Tool servers on the built page in a real browser.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openTheatre, type Theatre } from "../stage/browser.fixture.ts";
import { anAgent } from "../stage/nouns.fixture.ts";
import { openSite, type Site } from "../stage/site.fixture.ts";
import { Story } from "../stage/story.fixture.ts";

const chromium = chromiumPath();

describe.skipIf(chromium === undefined)("on the page", () => {
  let theatre: Theatre;
  let site: Site;
  beforeAll(async () => {
    theatre = await openTheatre(chromium ?? "");
    const story = new Story();
    story.addAgent(anAgent({ name: "files", connector: { kind: "mcp", server: { name: "files", command: "files-mcp", args: [], env: {} } } }));
    story.addAgent(anAgent({ name: "coder", connector: { kind: "acp", agent: "codex" }, toolServers: ["files"] }));
    site = await openSite({ story, dist: theatre.dist });
  });
  afterAll(async () => {
    await site.close();
    await theatre.close();
  });

  test("a tool server shows what it has", async () => {
    const { page, complaints } = await theatre.visit(`${site.url}/agents/files`, { width: 1280, height: 900 });
    const list = page.getByRole("list", { name: "Tools and resources" });
    await list.getByText("Reads a file.").waitFor();
    await list.getByText("file:///notes.md").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
  test("a coding agent shows which tool servers it may be handed", async () => {
    const { page } = await theatre.visit(`${site.url}/agents/coder`, { width: 1280, height: 900 });
    await page.getByText("Tool servers").waitFor();
    await page.getByText("files", { exact: true }).waitFor();
    await page.close();
  });
});
