// How the page is built and served in development. The server ships what lands in dist/.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { type Plugin, defaultClientConditions, defineConfig } from "vite";

const server = process.env.BATON_URL ?? "http://127.0.0.1:8000";

/** A compressed copy beside each file that gains by it, for the server to send as it is. */
const compress: Plugin = {
  name: "compress",
  apply: "build",
  // Read back from the disk: what is in memory is not yet what other plugins make of it.
  async writeBundle({ dir = "dist" }, bundle) {
    const names = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
    await Promise.all(names.map(async (name) => writeFile(join(dir, `${name}.gz`), gzipSync(await readFile(join(dir, name)), { level: 9 }))));
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), compress],
  // The sources of the other packages, so that a build needs none of theirs first.
  resolve: { conditions: ["@baton/source", ...defaultClientConditions] },
  logLevel: "warn",
  build: { target: "es2023", reportCompressedSize: false, chunkSizeWarningLimit: 700 },
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, ws: true }, "/health": server } },
});
