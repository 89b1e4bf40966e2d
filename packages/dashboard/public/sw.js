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

self.addEventListener("push", (event) => event.waitUntil(show(event.data?.json())));

/** Without a sound for who looks at the page just now: browsers take it amiss when nothing is shown at all. */
async function show(notice = { title: "Something needs you", body: "", url: "/", tag: "baton" }) {
  const pages = await self.clients.matchAll({ type: "window" });
  const { title, body, tag, url } = notice;
  await self.registration.showNotification(title, { body, tag, icon: "/icon-192.png", silent: pages.some((page) => page.focused), data: { url } });
}

/** The browser has another address now: the server is told, as long as one is logged in. */
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event.oldSubscription, event.newSubscription)));

async function move(before, now) {
  const moved = now ?? (before && (await self.registration.pushManager.subscribe(before.options)));
  if (!moved) return;
  const { endpoint, keys } = moved.toJSON();
  await fetch("/api/v1/push/subscriptions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ endpoint, keys }) });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
});

async function open(url) {
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find((one) => new URL(one.url).pathname === url) ?? pages[0];
  if (page === undefined) return self.clients.openWindow(url);
  await page.navigate(url);
  return page.focus();
}
