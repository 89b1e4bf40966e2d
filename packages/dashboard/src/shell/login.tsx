// Asks who one is when the server refuses what we have: name and password, or an API key that stays in this tab.
import { type OidcFailure, oidcFailures, routes } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { waysInQuery } from "../api/queries.ts";
import { enter, useWorld } from "../api/world.ts";
import { Button, look } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

type Way = "login" | "key";

/** Why somebody who logged in elsewhere is here again. */
const why: Record<OidcFailure, string> = {
  ended: "That login took too long, was finished already, or began in another browser. Begin again.",
  cancelled: "You were not logged in: it was cancelled there.",
  failed: "You were not logged in: what came back from there could not be believed. The server's log says more.",
  locked: "Your account is locked here. Whoever runs this server can let you in again.",
  unreachable: "Where you log in does not answer right now. Try again.",
};
const here = (): string => {
  const url = new URL(location.href);
  url.searchParams.delete("login");
  return url.pathname + url.search;
};

export default function Login() {
  const world = useWorld();
  const dialog = useRef<HTMLDialogElement>(null);
  const [way, setWay] = useState<Way>("login");
  const [hadOne] = useState(() => world.credentials.isKnown());
  const [refused] = useState(() => oidcFailures.find((one) => one === new URLSearchParams(location.search).get("login")));
  const elsewhere = useQuery(waysInQuery(world)).data?.oidc;
  const [error, setError] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const read = (name: string): string => {
      const value = given.get(name);
      return typeof value === "string" ? value : "";
    };
    setBusy(true);
    try {
      if (way === "login") await world.credentials.logIn(read("name").trim(), read("password"));
      else world.credentials.enterKey(read("key").trim());
      enter(world);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby="login-title"
      onCancel={(event) => event.preventDefault()}
      className="w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-5 text-ink"
    >
      <form onSubmit={(event) => void submit(event)} key={way}>
        <h2 id="login-title" className="text-base">
          {way === "login" ? "Log in to Baton" : "Use an API key"}
        </h2>
        <p className="mt-1.5 mb-4 text-sm text-soft">
          {refused === undefined ? null : <span className="mb-1.5 block text-bad">{why[refused]}</span>}
          {hadOne ? "What you showed before is not known here, or has ended. " : ""}
          {way === "login"
            ? "Whoever runs this server can make you a user."
            : "Whoever runs this server can give you one. It stays in this tab and is forgotten when you close it."}
        </p>
        <div className="space-y-3">
          {way === "login" ? (
            <>
              <Field label="Name">{(id) => <TextInput id={id} name="name" autoComplete="username" required autoFocus />}</Field>
              <Field label="Password">{(id) => <TextInput id={id} name="password" type="password" autoComplete="current-password" required />}</Field>
            </>
          ) : (
            <Field label="API key">
              {(id) => <TextInput id={id} name="key" type="password" autoComplete="off" required autoFocus className="font-mono" />}
            </Field>
          )}
          {error === undefined ? null : <ProblemNote error={error} isLogin />}
        </div>
        {way === "login" && elsewhere && (
          <p className="mt-4 border-t border-line pt-4 text-center">
            <a className={look("plain")} href={`${routes.beginOidc.path}?returnTo=${encodeURIComponent(here())}`}>
              Log in with {elsewhere.name}
            </a>
          </p>
        )}
        <div className="mt-5 flex flex-wrap items-center justify-between gap-2">
          <Button kind="quiet" className="-ml-3.5" onClick={() => setWay(way === "login" ? "key" : "login")}>
            {way === "login" ? "Use an API key" : "Log in with a password"}
          </Button>
          <Button kind="main" type="submit" disabled={isBusy}>
            {way === "login" ? "Log in" : "Unlock"}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
