// Every bench, in the order in which they run.
import * as access from "./access.mjs";
import * as crowd from "./crowd.mjs";
import * as growth from "./growth.mjs";
import * as http from "./http.mjs";
import * as idleAgents from "./idle-agents.mjs";
import * as latency from "./latency.mjs";
import * as messages from "./messages.mjs";
import * as orchestration from "./orchestration.mjs";
import * as page from "./page.mjs";
import * as radar from "./radar.mjs";
import * as routing from "./routing.mjs";
import * as sessions from "./sessions.mjs";
import * as soak from "./soak.mjs";
import * as throughput from "./throughput.mjs";
import * as workspaces from "./workspaces.mjs";

export const benches = [
  throughput,
  latency,
  orchestration,
  messages,
  http,
  access,
  routing,
  sessions,
  idleAgents,
  crowd,
  radar,
  workspaces,
  page,
  growth,
  soak,
];
