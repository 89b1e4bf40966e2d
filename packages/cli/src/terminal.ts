// What a command writes to: two streams that may be a person's screen or a program's pipe.
import pc from "picocolors";

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
}
export type Paint = ReturnType<typeof pc.createColors>;

export interface Terminal {
  out: Stream;
  err: Stream;
  environment: Readonly<Record<string, string | undefined>>;
  /** Colours for a stream: none in a pipe or with NO_COLOR, some anyway with FORCE_COLOR. */
  paint(stream: Stream): Paint;
}

const PIPE_COLUMNS = 120;
/** How wide a line may be. A pipe has no edge; tables still need one. */
export const widthOf = (stream: Stream): number => (stream.isTTY ? Math.max(20, stream.columns ?? 80) : PIPE_COLUMNS);

export function openTerminal(out: Stream, err: Stream, environment: Terminal["environment"]): Terminal {
  const forced = (environment["FORCE_COLOR"] ?? "0") !== "0";
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return { out, err, environment, paint: (stream) => pc.createColors(!refused && (forced || stream.isTTY === true)) };
}
