// Updates as a person reads them: texts that follow each other are one, a tool call is told once and stands as it stands now, and of
// plans and of what was used only the newest is told. Pure.
import type { Update } from "@baton/contract";

export function toStory(updates: readonly Update[]): Update[] {
  const story: Update[] = [];
  const calls = new Map<string, number>();
  const newest = new Map<string, number>();
  updates.forEach((update, at) => {
    if (update.kind === "plan" || update.kind === "usage") newest.set(update.kind, at);
  });
  updates.forEach((update, at) => {
    const last = story.at(-1);
    if (update.kind === "plan" || update.kind === "usage") {
      if (newest.get(update.kind) === at) story.push(update);
    } else if (update.kind === "tool") {
      const place = calls.get(update.callId);
      if (place === undefined) calls.set(update.callId, story.push(update) - 1);
      else story[place] = { ...(story[place] as typeof update), ...update };
    } else if (last && last.kind === update.kind && update.kind !== "note")
      story[story.length - 1] = { ...update, text: (last as typeof update).text + update.text };
    else story.push(update);
  });
  return story;
}
