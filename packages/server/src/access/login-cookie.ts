// The cookies a browser is logged in by: read by no script, sent to no other site, and only over TLS where the page came by TLS.
// Browsers keep cookies by host and not by port, so their names have the port: two servers on one machine do not log each other out.

/** `oidc`: of a browser that was sent elsewhere to log in, whence it comes back from another site. */
export type CookieName = "login" | "oidc";
/** @param secret undefined: it is removed. */
export interface LoginCookie {
  name: CookieName;
  secret: string | undefined;
}
/** `login`: longer than any lives without being used: when it ends is the server's to say. */
const KINDS = { login: { seconds: 31_536_000, sameSite: "Strict" }, oidc: { seconds: 600, sameSite: "Lax" } };

const portOf = (host = ""): string => /:(\d+)$/.exec(host)?.[1] ?? "";
const nameFor = (name: CookieName, host: string | undefined, isSecure: boolean): string => `${isSecure ? "__Host-" : ""}baton-${name}${portOf(host)}`;

export function toCookie({ host, protocol }: { host: string | undefined; protocol: string }, { name, secret }: LoginCookie): string {
  const isSecure = protocol === "https";
  const { seconds, sameSite } = KINDS[name];
  const life = secret === undefined ? 0 : seconds;
  return `${nameFor(name, host, isSecure)}=${secret ?? ""}; Path=/; Max-Age=${life}; HttpOnly; SameSite=${sameSite}${isSecure ? "; Secure" : ""}`;
}
/** The one that came by TLS wins: nobody else can have set it. */
export function cookieFrom(header: string | undefined, host: string | undefined, name: CookieName): string | undefined {
  const shown = (header ?? "").split(";").map((one) => one.trim());
  for (const full of [nameFor(name, host, true), nameFor(name, host, false)]) {
    const found = shown.find((one) => one.startsWith(`${full}=`))?.slice(full.length + 1);
    if (found !== undefined && found !== "") return found;
  }
  return undefined;
}
