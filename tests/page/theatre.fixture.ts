// The built page in a real browser, for a file of journeys: built once, one Chromium, a visitor for each screen who comes again for each test, so
// that the page is loaded and compiled once; and strangers, who come for the first time.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BrowserContext, type Page, chromium } from "playwright-core";
import { onTestFinished } from "vitest";

const DASHBOARD = fileURLToPath(new URL("../../packages/dashboard", import.meta.url));
const fromDashboard = createRequire(join(DASHBOARD, "package.json"));
const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
/** Below the time of a test: whoever waits in vain is told what for. */
const PATIENCE_MS = 100_000;
export const widths = { desktop: 1440, phone: 360 } as const;
export type Screen = keyof typeof widths;

export interface Theatre {
  /** Where the built page is. */
  dist: string;
  /** `complaints`: what the page wrote to the console as an error or warning, and what it threw. */
  visit(url: string, screen?: Screen, options?: { isStranger: boolean }): Promise<{ page: Page; context: BrowserContext; complaints: string[] }>;
  close(): Promise<void>;
}

export async function openTheatre(executablePath: string): Promise<Theatre> {
  const dist = await mkdtemp(join(tmpdir(), "baton-page-"));
  const vite = join(dirname(fromDashboard.resolve("vite/package.json")), "bin/vite.js");
  // As a process of its own: inside the tests NODE_ENV is "test", which would build another page than the one that is shipped.
  await promisify(execFile)(process.execPath, [vite, "build", "--outDir", dist, "--emptyOutDir"], {
    cwd: DASHBOARD,
    env: { ...process.env, NODE_ENV: "production" },
  });
  const browser = await chromium.launch({ executablePath, args: ARGS });
  const enter = (screen: Screen) =>
    browser.newContext({ viewport: { width: widths[screen], height: screen === "phone" ? 740 : 900 }, reducedMotion: "reduce", hasTouch: screen === "phone" });
  const regulars: Partial<Record<Screen, Promise<BrowserContext>>> = {};
  return {
    dist,
    async visit(url, screen = "desktop", { isStranger } = { isStranger: false }) {
      const context = isStranger ? await enter(screen) : await (regulars[screen] ??= enter(screen));
      const page = await context.newPage();
      onTestFinished(() => (isStranger ? context.close() : page.close()));
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(url);
      return { page, context, complaints };
    },
    async close() {
      await browser.close();
      await rm(dist, { recursive: true });
    },
  };
}

const axe = readFile(fromDashboard.resolve("axe-core/axe.min.js"), "utf8");
type Axe = { run(options?: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
/** All that axe finds in light, the contrast again in dark; and how far the page is wider than the screen. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(await axe);
  const faults: string[] = [];
  for (const [colorScheme, options] of [
    ["light", {}],
    ["dark", { runOnly: ["color-contrast"] }],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // What it found no fault with is much more, and stays there.
    const found = await page.evaluate(async (asked) => {
      const { violations } = await (window as unknown as { axe: Axe }).axe.run({ ...asked, resultTypes: ["violations"] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
    }, options);
    faults.push(...found.map((one) => `${colorScheme} ${one}`));
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over === 0 ? faults : [...faults, `${over} px wider than the screen`];
}
