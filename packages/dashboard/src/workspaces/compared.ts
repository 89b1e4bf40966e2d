// What is compared, as it stands in the address. Pure.
/** Absent: from where it began, to how it is now. With `attempt`, what that one changed. */
export interface Compared {
  from?: string;
  to?: string;
  attempt?: string;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export function parseCompared(search: Record<string, unknown>): Compared {
  const attempt = text(search["attempt"]);
  if (attempt !== undefined) return { attempt };
  const [from, to] = [text(search["from"]), text(search["to"])];
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
/** Lines have the numbers of the workspace only where it is shown as it is. */
export const isNow = ({ to, attempt }: Compared): boolean => attempt === undefined && (to === undefined || to === "now");
