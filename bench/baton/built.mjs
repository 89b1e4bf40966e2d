// Baton as it was built (dist/), or a plain word that it was not.
import { NotHere } from "../harness/child.mjs";

export async function importBaton() {
  try {
    const baton = await import("@baton/server");
    if (typeof baton.startBaton === "function") return baton;
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  throw new NotHere("Baton is not built yet (npm run build)");
}
