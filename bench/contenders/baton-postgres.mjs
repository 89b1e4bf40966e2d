// Baton on postgres.
import { importBuilt } from "../baton/built.mjs";
export const settings = "";
export const open = async () => importBuilt();
