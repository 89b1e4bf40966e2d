// The mark of a status: a shape of its own besides the colour. The word stands beside it wherever there is room.
import type { ReactNode } from "react";
import { type Shape, type Status, toShape, toTone, toneText } from "./tone.ts";

const stroke = { fill: "none", stroke: "currentColor", strokeWidth: 1.6, strokeLinecap: "round", strokeLinejoin: "round" } as const;

const shapes: Record<Shape, ReactNode> = {
  ring: <circle cx="8" cy="8" r="5" {...stroke} />,
  dashed: <circle cx="8" cy="8" r="5" {...stroke} strokeDasharray="2.2 3" />,
  pulse: (
    <>
      <circle cx="8" cy="8" r="6.2" {...stroke} strokeWidth="1.2" className="animate-breathe" />
      <circle cx="8" cy="8" r="3.4" fill="currentColor" />
    </>
  ),
  check: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path d="m5.2 8.2 2 2 3.6-4" {...stroke} className="stroke-raised" />
    </>
  ),
  cross: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="currentColor" />
      <path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2" {...stroke} className="stroke-raised" />
    </>
  ),
  bars: <path d="M5.8 4.5v7m4.4-7v7" {...stroke} strokeWidth="2.2" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.7" {...stroke} />
      <path d="M8 5v3.2l2 1.3" {...stroke} />
    </>
  ),
  slash: (
    <>
      <circle cx="8" cy="8" r="5.4" {...stroke} />
      <path d="m4.4 11.6 7.2-7.2" {...stroke} />
    </>
  ),
};

export function StatusMark({ status, size = 16 }: { status: Status; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" className={`shrink-0 ${toneText[toTone(status)]}`}>
      {shapes[toShape(status)]}
    </svg>
  );
}

export function StatusWord({ status }: { status: Status }) {
  return (
    <span className={`font-medium whitespace-nowrap [&>svg]:mr-1.5 [&>svg]:inline [&>svg]:align-[-0.17em] ${toneText[toTone(status)]}`}>
      <StatusMark status={status} />
      {status}
    </span>
  );
}
