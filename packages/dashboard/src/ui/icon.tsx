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
  home: "M2.5 7.2 8 2.8l5.5 4.4v6h-4V9.5h-3v3.7h-4z",
  tasks: "M6.5 4h7m-7 4h7m-7 4h7M2.4 4.1l.8.8 1.4-1.7M2.4 8.1l.8.8 1.4-1.7M2.4 12.1l.8.8 1.4-1.7",
  agents: "M4 5.5h8v6.8H4zM8 5.5v-3M6.5 8.2v1m3-1v1M2.2 8v2.2m11.6-2.2v2.2",
  inbox: "M2.5 9.5 4.3 3h7.4l1.8 6.5V13h-11zh3.3l1 1.6h2.4l1-1.6h3.3",
  chat: "M2.5 3h11v7.6H7.2L4.3 13v-2.4H2.5z",
  mail: "M2.2 3.8h11.6v8.6H2.2zm.2.3L8 8.8l5.6-4.7",
  gear: "M8 5.9a2.1 2.1 0 1 0 0 4.2 2.1 2.1 0 0 0 0-4.2M8 1.8v1.9m0 8.6v1.9M1.8 8h1.9m8.6 0h1.9M3.6 3.6l1.4 1.4m6 6 1.4 1.4m0-8.8L11 5m-6 6-1.4 1.4",
  more: "M2.6 8a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0m4.7 0a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0M12 8a.7.7 0 1 0 1.4 0A.7.7 0 1 0 12 8",
  plus: "M8 3v10M3 8h10",
  code: "m5.5 4.5-3.5 3.5 3.5 3.5m5-7 3.5 3.5-3.5 3.5",
  keyboard: "M1.8 4.3h12.4v7.4H1.8zM4 6.7h.1m2.5 0h.1m2.5 0h.1m2.5 0h.1M5 9.3h6",
  search: "M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4m3.1 7.3 3.4 3.4",
  list: "M2.5 4h11m-11 4h11m-11 4h11",
  board: "M2.5 3h3v10h-3zm4 0h3v6.5h-3zm4 0h3v8h-3z",
  terminal: "M2 3.2h12v9.6H2zm2.3 2.6L6.5 8l-2.2 2.2M8.2 10.4h3",
  bell: "M4 11.2V7.4a4 4 0 0 1 8 0v3.8l1 1.2H3zm2.6 1.4a1.5 1.5 0 0 0 2.8 0",
  trash: "M3.5 4.5h9M6.3 4.5v-2h3.4v2m-5 0 .5 8.8h5.6l.5-8.8",
  pin: "M6 2.5h4l-.6 4 2.1 2.3H4.5l2.1-2.3zM8 8.8v4.7",
  send: "m2.5 13 11-5-11-5 1.6 5zm1.6-5h4.4",
  land: "M4 2.5v7.3a2 2 0 0 0 2 2h6m-2.6-2.6L12 11.8l-2.6 2.6M2.4 2.5h3.2",
  branch:
    "M4.5 5.8v4.4M4.5 2.6a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2m0 7.6a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2M11.5 4.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2m0 3.2c0 2-1.6 2.6-3.5 2.6-1.5 0-2.4.3-3.1.8",
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
