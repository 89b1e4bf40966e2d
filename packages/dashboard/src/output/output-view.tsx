// What came out of a step or a task, in the form it asks for: Markdown, plain text, or JSON.
import type { Json } from "@baton/contract";
import { Suspense, lazy } from "react";
import { Loading } from "../ui/section.tsx";
import { JsonView } from "./json-view.tsx";
import { Tall } from "./tall.tsx";

const Markdown = lazy(() => import("./markdown.tsx"));

export function OutputView({ value }: { value: Json }) {
  if (typeof value === "string") return <PlainText text={value} />;
  if (typeof value !== "object" || value === null || Array.isArray(value) || typeof value["markdown"] !== "string") return <JsonView value={value} />;
  const { markdown, ...rest } = value;
  return (
    <>
      <MarkdownView text={markdown} />
      {Object.keys(rest).length > 0 && (
        <details className="mt-4 text-sm">
          <summary className="w-fit text-soft hover:text-ink">The rest of the output</summary>
          <div className="mt-2">
            <JsonView value={rest} />
          </div>
        </details>
      )}
    </>
  );
}

export function MarkdownView({ text }: { text: string }) {
  return (
    <Suspense fallback={<Loading what="text" />}>
      <Markdown text={text} />
    </Suspense>
  );
}

export const PlainText = ({ text }: { text: string }) => <Tall text={text} draw={(shown) => shown} />;
