// The cookie a browser is logged in by: read by no script, sent to no other site, and only over TLS where the page came by TLS.
// Browsers keep cookies by host and not by port, so its name has the port: two servers on one machine do not log each other out.

/** Longer than any login lives without being used: when it ends is the server's to say. */
const COOKIE_SECONDS = 31_536_000;

const portOf = (host = ""): string => /:(\d+)$/.exec(host)?.[1] ?? "";
const nameFor = (host: string | undefined, isSecure: boolean): string => `${isSecure ? "__Host-" : ""}baton-login${portOf(host)}`;

/** @param secret undefined: the cookie is removed. */
export function toCookie({ host, protocol }: { host: string | undefined; protocol: string }, secret: string | undefined): string {
  const isSecure = protocol === "https";
  const life = secret === undefined ? 0 : COOKIE_SECONDS;
  return `${nameFor(host, isSecure)}=${secret ?? ""}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}
/** The one that came by TLS wins: nobody else can have set it. */
export function cookieFrom(header: string | undefined, host: string | undefined): string | undefined {
  const shown = (header ?? "").split(";").map((one) => one.trim());
  for (const name of [nameFor(host, true), nameFor(host, false)]) {
    const found = shown.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
    if (found !== undefined && found !== "") return found;
  }
  return undefined;
}
