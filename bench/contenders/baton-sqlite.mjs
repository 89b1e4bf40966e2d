// Baton on sqlite.
import { importBuilt } from "../baton/built.mjs";
export const settings = "";
export const open = async () => importBuilt();
