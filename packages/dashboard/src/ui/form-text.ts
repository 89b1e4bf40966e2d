// What was typed into a form that is being sent.
import type { FormEvent } from "react";

/** Keeps the page where it is, and answers what stands in a field, without the space around it; nothing where there is no such field. */
export function textsOf(event: FormEvent<HTMLFormElement>): (name: string) => string {
  event.preventDefault();
  const given = new FormData(event.currentTarget);
  return (name) => {
    const value = given.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
}
