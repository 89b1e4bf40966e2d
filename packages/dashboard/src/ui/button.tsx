// The buttons: one that matters, plain ones, and those that cost something.
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

const kinds = {
  main: "border-accent bg-accent text-on-accent hover:opacity-90",
  plain: "border-edge bg-raised text-ink hover:border-soft",
  quiet: "border-transparent text-soft hover:text-ink hover:bg-sunken",
  danger: "border-bad bg-bad text-paper hover:opacity-90",
} as const;

const shape =
  "inline-flex h-9 items-center justify-center gap-2 rounded-md border px-3.5 text-sm font-medium whitespace-nowrap transition-colors disabled:cursor-default disabled:opacity-50";

export const look = (kind: keyof typeof kinds): string => `${shape} ${kinds[kind]}`;

export function Button({
  kind = "plain",
  icon,
  className = "",
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: keyof typeof kinds; icon?: IconName }) {
  return (
    <button type="button" className={`${look(kind)} ${className}`} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

/** What leads somewhere, and looks like a button. */
export const LinkButton = ({
  kind = "plain",
  icon,
  className = "",
  children,
  ...rest
}: Pick<LinkProps, "to" | "search" | "params"> & { kind?: keyof typeof kinds; icon?: IconName; className?: string; children: ReactNode }) => (
  <Link {...rest} className={`${look(kind)} ${className}`}>
    {icon === undefined ? null : <Icon name={icon} />}
    {children}
  </Link>
);
