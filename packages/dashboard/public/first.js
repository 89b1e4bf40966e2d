// Runs before everything else. A chosen theme never flashes in the other one; and zod must not try whether it may compile code from text:
// the server's content security policy forbids it, and the browser would report the attempt.
const chosen = localStorage.getItem("baton-theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
globalThis.__zod_globalConfig = { jitless: true };
