// Code to copy.
import { useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

const TOLD_MS = 1600;

export function Snippet({ code, label }: { code: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-b border-line py-1 pr-1 pl-3 text-xs text-soft">
        {label}
        {/* The browser gives the clipboard to safe origins only. */}
        {window.isSecureContext && (
          <button
            type="button"
            className="inline-flex items-center gap-1.5 rounded px-2 py-1 hover:text-ink"
            aria-label={`Copy: ${label}`}
            onClick={() => void navigator.clipboard.writeText(code).then(() => setCopied(true))}
          >
            <Icon name={isCopied ? "check" : "copy"} size={14} />
            <output>{isCopied ? "Copied" : "Copy"}</output>
          </button>
        )}
      </figcaption>
      <pre className="p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap">{code}</pre>
    </figure>
  );
}
