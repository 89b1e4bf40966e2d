// Baton on sqlite.
import { importBaton } from "../baton/built.mjs";
export const settings = "";
export const open = async () => importBaton();
