// Capability names as they are compared: case-blind, and `-`, `_` and space are the same.
export const toCapabilityKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s\-_]+/g, "_");
