// The HTTP bench: a server here, the load in a process of its own.
import { runApart } from "../harness/child.mjs";
import { startBaton } from "./start.mjs";

/** @returns `{values: ms of each request, perSecond}` */
export async function http({ place, ...load }) {
  const baton = await startBaton(place);
  const result = await runApart({ file: "baton/http-load.mjs", verb: "load", params: { url: baton.url, ...load } });
  await baton.stop();
  return result;
}
