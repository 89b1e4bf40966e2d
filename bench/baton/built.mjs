// Baton as it was built (dist/), or a plain word that it was not.
import { NotHere } from "../harness/child.mjs";

/** A module of a built package: its front door, or a room of it by path. */
export async function importBuilt(path = "index.js", name = "server") {
  try {
    return await import(new URL(`../../packages/${name}/dist/${path}`, import.meta.url).href);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new NotHere(`Baton is not built (npm run build): ${error.message}`);
  }
}
