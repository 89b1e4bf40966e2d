// How the page looks and behaves in this browser. Nothing of it is kept by the server.
import { useState } from "react";
import { setPower, usePower } from "../power/power.ts";
import { canNotify } from "../shell/notices.ts";
import { type Theme, setTheme, themes, useTheme } from "../shell/theme.ts";
import { Button } from "../ui/button.tsx";
import { Check, Field, Select } from "../ui/field.tsx";
import { Panel, Section } from "../ui/section.tsx";

const words: Record<Theme, string> = { system: "as the system has it", light: "light", dark: "dark" };

export function ThisBrowser() {
  const theme = useTheme();
  const isPower = usePower();
  return (
    <Section title="This browser">
      <Panel className="space-y-5 p-4">
        <Field label="Colours">
          {(id) => (
            <Select id={id} value={theme} onChange={({ target }) => setTheme(themes.find((one) => one === target.value) ?? "system")}>
              {themes.map((one) => (
                <option key={one} value={one}>
                  {words[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Notifications />
        <Check
          label="Power-user mode: raw JSON on pages, events as they come, and every API call as curl"
          checked={isPower}
          onChange={({ target }) => setPower(target.checked)}
        />
      </Panel>
    </Section>
  );
}

function Notifications() {
  const [permission, setPermission] = useState<NotificationPermission | "unsupported">(() => (canNotify() ? Notification.permission : "unsupported"));
  return (
    <div>
      <p className="text-sm font-medium">Notifications</p>
      <p className="mt-1 mb-2 text-sm text-soft">{tells[permission]}</p>
      {permission === "default" && <Button onClick={() => void Notification.requestPermission().then(setPermission)}>Allow notifications</Button>}
    </div>
  );
}

const tells = {
  default: "When a question waits for you or a task fails, while the page is open and you look elsewhere.",
  granted: "You are told when a question waits for you or a task fails, while the page is open and you look elsewhere.",
  denied: "You refused them. Allow them for this page in the settings of the browser.",
  unsupported: "This browser gives none to this page: it has to be reached over https, or on this machine.",
} as const;
