// What a tool call came to, in the two forms it is wanted in: words for a model, and an output with artifacts for a step. Pure; no deeper than JSON may be.
import type { Artifact, Json } from "@baton/contract";
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client";
import { toStorableJson, toStorableText } from "./agent-text.ts";

const MAX_ARTIFACTS = 100;
const MAX_CONTENT = 1_000_000;

/** The texts of a result in a row, with a line in place of what is not text. */
export function toWords(result: CallToolResult): string {
  const said = result.content.map((block) => textOf(block) ?? `[${describe(block)}]`).join("\n");
  const structured = result.structuredContent;
  return toStorableText(said === "" && structured !== undefined ? JSON.stringify(structured) : said);
}

/** What is structured, else the text. */
export function toOutput(result: CallToolResult): Json {
  const structured = result.structuredContent as Json | undefined;
  return structured === undefined ? toStorableText(result.content.flatMap((block) => textOf(block) ?? []).join("\n")) : toStorableJson(structured);
}

/** Everything in a result that is not plain text: pictures and sound as base64, resources with their text. What is too large is named only. */
export const toArtifacts = (result: CallToolResult): Artifact[] =>
  result.content.flatMap((block, index): Artifact[] => (block.type === "text" ? [] : [toArtifact(block, index + 1)])).slice(0, MAX_ARTIFACTS);

function toArtifact(block: Exclude<ContentBlock, { type: "text" }>, number: number): Artifact {
  switch (block.type) {
    case "image":
    case "audio":
      return artifact(`${block.type}-${number}`, block.mimeType, block.data, "in base64");
    case "resource": {
      const { uri, mimeType } = block.resource;
      return "text" in block.resource ? artifact(uri, mimeType, block.resource.text, uri) : artifact(uri, mimeType, block.resource.blob, `${uri}, in base64`);
    }
    case "resource_link":
      return artifact(block.name, block.mimeType, undefined, `${block.uri}${block.description === undefined ? "" : `: ${block.description}`}`);
  }
}
function artifact(name: string, mediaType: string | undefined, content: string | undefined, description: string): Artifact {
  const fits = content !== undefined && content.length <= MAX_CONTENT;
  const left = content === undefined || fits ? "" : `; its ${content.length} characters are too many to keep`;
  return {
    type: "file",
    name: toStorableText(name.slice(0, 500)),
    description: toStorableText(`${description.slice(0, 1_900)}${left}`),
    ...(mediaType === undefined ? {} : { mediaType: toStorableText(mediaType.slice(0, 200)) }),
    ...(fits ? { content: toStorableText(content) } : {}),
  };
}

function textOf(block: ContentBlock): string | undefined {
  if (block.type === "text") return block.text;
  return block.type === "resource" && "text" in block.resource ? block.resource.text : undefined;
}
function describe(block: ContentBlock): string {
  if (block.type === "image" || block.type === "audio") return `${block.type}, ${block.mimeType}, ${Math.floor((block.data.length * 3) / 4)} bytes`;
  if (block.type === "resource_link") return `resource ${block.uri}`;
  return block.type === "resource" ? `resource ${block.resource.uri}` : block.type;
}
