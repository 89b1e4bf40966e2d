// How the page looks and behaves in this browser. The server keeps nothing of it but where it is told of what needs a person.
import { setPower, usePower } from "../power/power.ts";
import { type Theme, setTheme, themes, useTheme } from "../shell/theme.ts";
import { Check, Field, Select } from "../ui/field.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { Notifications } from "./notifications.tsx";

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
