// What a plan of the library wants to know, by its own types.
import type { Json, PlanTemplate } from "@baton/contract";
import { Check, Field, Select, TextInput } from "../ui/field.tsx";

type Given = Record<string, Json>;

export function PlanInputs({ plan, given, onChange }: { plan: PlanTemplate; given: Given; onChange: (given: Given) => void }) {
  const set = (name: string, value: Json | undefined) => {
    const { [name]: _, ...rest } = given;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="space-y-4 border-l-2 border-line pl-4">
      {Object.entries(plan.inputs).map(([name, input]) => (
        <One key={name} name={name} input={input} value={given[name]} onChange={(value) => set(name, value)} />
      ))}
    </div>
  );
}

const toText = (value: unknown): string => (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value));

type Input = PlanTemplate["inputs"][string];
function One({ name, input, value, onChange }: { name: string; input: Input; value: Json | undefined; onChange: (value: Json | undefined) => void }) {
  const otherwise = input.default === undefined ? "It must be given." : `Otherwise ${JSON.stringify(input.default)}.`;
  const help = [input.description, otherwise].filter(Boolean).join(" ");
  if (input.type === "boolean")
    return <Check label={`${name}: ${help}`} checked={(value ?? input.default) === true} onChange={({ target }) => onChange(target.checked)} />;
  if (input.allowed !== undefined)
    return (
      <Field label={name} help={help}>
        {(id) => (
          <Select
            id={id}
            className="w-full"
            value={value === undefined ? "" : JSON.stringify(value)}
            onChange={({ target }) => onChange(target.value === "" ? undefined : (JSON.parse(target.value) as Json))}
          >
            <option value="">{input.default === undefined ? "choose" : "as it is otherwise"}</option>
            {input.allowed?.map((one) => (
              <option key={JSON.stringify(one)} value={JSON.stringify(one)}>
                {toText(one)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    );
  const shown = Array.isArray(value) ? value.map(toText).join(", ") : toText(value);
  const read = (text: string): Json | undefined => {
    if (text === "") return undefined;
    if (input.type === "number") return Number(text);
    return input.type === "list" ? text.split(",").map((word) => word.trim()) : text;
  };
  return (
    <Field label={name} help={input.type === "list" ? `${help} Several with commas between them.` : help}>
      {(id) => <TextInput id={id} type={input.type === "number" ? "number" : "text"} value={shown} onChange={({ target }) => onChange(read(target.value))} />}
    </Field>
  );
}
