// What all journeys of the page share: the browser, the server, and the two screens they are walked on.
import type { Stage } from "./stage.fixture.ts";
import type { Screen, Theatre } from "./theatre.fixture.ts";

export interface World {
  theatre(): Theatre;
  stage(): Stage;
}
export const screens: readonly Screen[] = ["desktop", "phone"];
