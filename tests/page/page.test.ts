// The page in Debian's Chromium against a real server with real agents: one browser and one server for all of it.
import { afterAll, beforeAll, describe } from "vitest";
import { chromiumPath } from "../services.ts";
import { accessJourneys } from "./access.testsuite.ts";
import { everyPage } from "./every-page.testsuite.ts";
import { landingJourneys } from "./landings.testsuite.ts";
import { limits } from "./limits.testsuite.ts";
import { noticeJourneys } from "./notices.testsuite.ts";
import { registerJourneys } from "./register.testsuite.ts";
import { settingJourneys } from "./settings.testsuite.ts";
import { type Stage, addWorkers, openStage } from "./stage.fixture.ts";
import { talkJourneys } from "./talk.testsuite.ts";
import { taskJourneys } from "./tasks.testsuite.ts";
import { type Theatre, openTheatre } from "./theatre.fixture.ts";
import { workspaceJourneys } from "./workspaces.testsuite.ts";
import type { World } from "./world.fixture.ts";

const chromium = chromiumPath();

describe.skipIf(chromium === undefined)("the page", () => {
  let theatre: Theatre;
  let stage: Stage;
  beforeAll(async () => {
    theatre = await openTheatre(chromium ?? "");
    stage = await openStage(theatre.dist);
    await addWorkers(stage.client);
  });
  afterAll(async () => {
    await stage.close();
    await theatre.close();
  });
  const world: World = { theatre: () => theatre, stage: () => stage };
  taskJourneys(world);
  registerJourneys(world);
  talkJourneys(world);
  workspaceJourneys(world);
  landingJourneys(world);
  accessJourneys(world);
  settingJourneys(world);
  noticeJourneys(world);
  everyPage(world);
  limits(world);
});
