// The page's beginning: the world, the routes, and the document they are drawn in.
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { WorldContext, createWorld } from "./api/world.ts";
import { createPageRouter } from "./routes.tsx";
import "./styles.css";

const world = createWorld();
const router = createPageRouter();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <WorldContext value={world}>
      <QueryClientProvider client={world.queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </WorldContext>
  </StrictMode>,
);

// Browsers give service workers to safe origins only. In development the page is not to be kept.
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js");
