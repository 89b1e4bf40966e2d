// What GitHub Copilot shows in its terminal, read from the rendered screen: the box in which it asks, and whether it works or waits. Pure.

/** A box with numbered answers, of which one is chosen by Enter. */
export interface Dialog {
  title: string;
  /** What stands above the answers. */
  text: string;
  options: string[];
  /** Which of them Enter would take. */
  selected: number;
}

const OPTION = /^(❯| ) (\d)\. (.+)$/;
/** The lowest box of the screen, when it asks something. */
export function dialogOf(lines: readonly string[]): Dialog | undefined {
  const end = lines.findLastIndex((line) => line.startsWith("╰"));
  const begin = lines.slice(0, Math.max(0, end)).findLastIndex((line) => line.startsWith("╭"));
  if (begin < 0) return undefined;
  const inside = lines.slice(begin + 1, end).map((line) =>
    line
      .replace(/^│ ?/, "")
      .replace(/ ?│\s*$/, "")
      .trimEnd(),
  );
  const found = inside.flatMap((line) => {
    const [, mark, , label] = OPTION.exec(line) ?? [];
    return label === undefined ? [] : [{ isSelected: mark === "❯", label }];
  });
  const selected = found.findIndex(({ isSelected }) => isSelected);
  if (found.length < 2 || selected < 0) return undefined;
  const above = inside
    .slice(
      0,
      inside.findIndex((line) => OPTION.test(line)),
    )
    .map((line) => line.replace(/^[│╭╰─╮╯ ]+/, "").replace(/[│╭╰─╮╯ ]+$/, ""));
  const [title = "", ...text] = above.filter((line) => line !== "");
  return { title, text: text.join("\n"), options: found.map(({ label }) => label), selected };
}
export const isSame = (a: Dialog, b: Dialog | undefined): boolean => a.title === b?.title && a.text === b.text && a.options.join() === b.options.join();

/** A yes for this once: others are for the next times too. */
export const yesOf = ({ options }: Dialog): number => options.findIndex((label) => /^yes\W*$/i.test(label));
/** Whether words stand in it, be they broken into lines where the box ends. */
export function mentions({ title, text }: Dialog, words: string): boolean {
  const bare = (said: string): string => said.replaceAll(/[\s│]/g, "");
  return bare(title + text).includes(bare(words));
}

const footerOf = (lines: readonly string[]): string => lines.slice(-2).join("\n");
/** Its prompt is empty between two rules, and it offers its commands below: it does so only when it does nothing. */
export const isIdle = (lines: readonly string[]): boolean =>
  dialogOf(lines) === undefined && hasEmptyPrompt(lines) && /\/ commands/.test(footerOf(lines)) && !/\binterrupt\b/.test(footerOf(lines));
const hasEmptyPrompt = (lines: readonly string[]): boolean => lines.slice(-4).some((line) => line.trim() === "❯");
