// Code to copy.
import { useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

const TOLD_MS = 1600;

export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-sunken">
      <figcaption className="flex items-center justify-between border-b border-line py-1 pr-1 pl-3 text-xs text-soft">
        {label}
        <CopyButton text={code} what={label} />
      </figcaption>
      <pre className="p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap">{code}</pre>
    </figure>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // The browser gives the clipboard to safe origins only.
  if (!window.isSecureContext) return null;
  return (
    <button
      type="button"
      className="inline-flex min-h-6 items-center gap-1.5 rounded px-2 py-1 font-sans text-xs text-soft hover:text-ink"
      aria-label={`Copy: ${what}`}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <Icon name={isCopied ? "check" : "copy"} size={14} />
      <output>{isCopied ? "Copied" : "Copy"}</output>
    </button>
  );
}
