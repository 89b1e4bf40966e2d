// A key by which the server knows a draft again. Not `crypto.randomUUID`, which browsers keep from pages served over plain HTTP.
export const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");
