// Which subscriptions a topic matches, found without reading those it does not: a topic has few patterns that match it, and those are looked up.

const ANY = "*";

/** Every pattern that matches `topic`, at most 511: `*` for one name, and at the end for all that follow. */
export function patternsOf(topic: string): string[] {
  let beginnings = [""];
  const patterns: string[] = [];
  const names = topic.split(".");
  for (const [at, name] of names.entries()) {
    const next = beginnings.flatMap((beginning) => [name, ANY].map((one) => (beginning === "" ? one : `${beginning}.${one}`)));
    // What ends here in a star matches however many names follow.
    patterns.push(...next.filter((one) => at === names.length - 1 || one === ANY || one.endsWith(`.${ANY}`)));
    beginnings = next;
  }
  return patterns;
}
