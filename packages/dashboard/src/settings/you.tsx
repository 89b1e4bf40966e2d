// Who one is here, and what one may.
import type { AccessRole, Right } from "@baton/contract";
import { useIdentity } from "../api/rights.ts";
import { LogOut } from "../shell/log-out.tsx";
import { Chips } from "../ui/chip.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";

const kinds = {
  local: "This server demands no credentials, so whoever reaches it is its operator.",
  user: "Logged in.",
  key: "Let in by an API key.",
  token: "Let in by a signed token.",
} as const;

export function You() {
  const identity = useIdentity();
  return (
    <Section title="You">
      <Panel className="p-4">
        {identity === undefined ? (
          <Loading what="who you are" />
        ) : (
          <>
            <p>
              <span className="font-medium">{identity.name}</span> <span className="text-soft">with the role {toRole(identity.role)}</span>
            </p>
            <p className="mt-0.5 mb-3 text-sm text-soft">{kinds[identity.kind]}</p>
            <Chips label="What you may" names={identity.rights.map(toWords)} />
            {identity.kind !== "local" && (
              <div className="mt-4 flex flex-wrap items-center gap-2">
                <LogOut />
                {identity.kind === "user" && <LogOut everywhere />}
              </div>
            )}
          </>
        )}
      </Panel>
    </Section>
  );
}

const toRole = (role: AccessRole): string => role.replace("-", " ");
const toWords = (right: Right): string => right.replace(".", ": ");
