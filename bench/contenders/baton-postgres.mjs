// Baton on postgres.
import { importBaton } from "../baton/built.mjs";
export const settings = "";
export const open = async () => importBaton();
