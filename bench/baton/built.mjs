// Baton as it was built (dist/), or a plain word that it was not.
import { NotHere } from "../harness/child.mjs";

const dist = new URL("../../packages/server/dist/", import.meta.url);

/** A module of the built server: its front door, or a room of it by path. */
export async function importBuilt(path = "index.js") {
  try {
    return await import(new URL(path, dist).href);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new NotHere("Baton is not built (npm run build)");
  }
}
