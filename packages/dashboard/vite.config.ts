// How the page is built and served in development. The server ships what lands in dist/.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

const server = process.env.BATON_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The sources of the other packages, so that a build needs none of theirs first.
  resolve: { conditions: ["@baton/source", ...defaultClientConditions] },
  logLevel: "warn",
  build: { target: "es2023", reportCompressedSize: false, chunkSizeWarningLimit: 700 },
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, ws: true }, "/health": server } },
});
