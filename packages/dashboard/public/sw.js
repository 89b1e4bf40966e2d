// Keeps the page itself at hand, so that it opens as an app and says so when the server is away. Never an answer of the API: what is shown
// of tasks and agents always comes from the server.
const SHELL = "baton-shell";

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/api/") || url.pathname.startsWith("/health")) return;
  if (request.mode === "navigate") event.respondWith(newest(request, "/"));
  // Their names hold the hash of their content: what was kept is what there is.
  else if (url.pathname.startsWith("/assets/")) event.respondWith(kept(request));
});

async function newest(request, as) {
  try {
    const response = await fetch(request);
    if (response.ok && (response.headers.get("content-type") ?? "").includes("text/html")) await keepPage(as, response.clone());
    return response;
  } catch (error) {
    const found = await caches.match(as);
    if (found === undefined) throw error;
    return found;
  }
}

/** Another page than before names other files: those of the one before are not asked for any more. */
async function keepPage(as, response) {
  const before = await caches.match(as);
  if (before !== undefined && (await before.text()) !== (await response.clone().text())) await caches.delete(SHELL);
  await keep(as, response);
}

async function kept(request) {
  const found = await caches.match(request);
  if (found !== undefined) return found;
  const response = await fetch(request);
  if (response.ok) await keep(request, response.clone());
  return response;
}

async function keep(as, response) {
  const cache = await caches.open(SHELL);
  await cache.put(as, response);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
});

async function open(url) {
  const [page] = await self.clients.matchAll({ type: "window" });
  if (page === undefined) return self.clients.openWindow(url);
  await page.navigate(url);
  return page.focus();
}
