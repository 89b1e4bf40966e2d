// What a step left behind: to read here when it is text, to keep in any case.
import type { Artifact } from "@baton/contract";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { MarkdownView, PlainText } from "./output-view.tsx";

export function ArtifactList({ artifacts }: { artifacts: Artifact[] }) {
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {artifacts.map((artifact, index) => (
        <ArtifactRow key={`${index} ${artifact.name}`} artifact={artifact} />
      ))}
    </ul>
  );
}

function ArtifactRow({ artifact }: { artifact: Artifact }) {
  const [isOpen, setOpen] = useState(false);
  const { content, name } = artifact;
  return (
    <li className="p-2.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="min-w-0 flex-1">
          <span className="font-medium">{name}</span>
          <span className="ml-2 text-xs text-soft">{[artifact.type, content === undefined ? "kept by the agent" : toSize(content)].join(" · ")}</span>
          {artifact.description === undefined ? null : <span className="block text-xs text-soft">{artifact.description}</span>}
        </span>
        {content !== undefined && (
          <>
            <Button
              kind="quiet"
              className="h-8 px-2"
              aria-expanded={isOpen}
              aria-label={`${isOpen ? "Hide" : "Read"} ${name}`}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? "Hide" : "Read"}
            </Button>
            <Button
              kind="quiet"
              className="h-8 px-2"
              icon="download"
              aria-label={`Download ${name}`}
              onClick={() => download(name, content, artifact.mediaType)}
            />
          </>
        )}
      </div>
      {isOpen && content !== undefined && (
        <div className="mt-3">{artifact.mediaType?.startsWith("text/markdown") ? <MarkdownView text={content} /> : <PlainText text={content} />}</div>
      )}
    </li>
  );
}

const toSize = (text: string): string => (text.length < 1000 ? `${text.length} characters` : `${(text.length / 1000).toFixed(1)} k characters`);

/** The type is never one a browser would run. */
export function download(name: string, content: string, mediaType = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([content], { type: mediaType.startsWith("text/") ? mediaType : "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.split(/[/\\]/).at(-1) || "artifact";
  link.click();
  URL.revokeObjectURL(url);
}
