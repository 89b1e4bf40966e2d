// The few line icons the page needs.
const paths = {
  back: "M10 3.5 5.5 8l4.5 4.5",
  copy: "M6 6V3.5h6.5V10H10M3.5 6H10v6.5H3.5z",
  check: "m3.5 8.5 3 3 6-7",
  download: "M8 2.5v7m-3-2.8 3 3 3-3M3 12.8h10",
  close: "m4 4 8 8m0-8-8 8",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9",
  moon: "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6",
  screen: "M2.5 3.5h11v7h-11zM6 13h4",
  arrow: "M3 8h9.5M9 4.5 12.5 8 9 11.5",
  warn: "M8 2.8 14 13H2zM8 6.8v2.8m0 1.6v.1",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      className="shrink-0"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
