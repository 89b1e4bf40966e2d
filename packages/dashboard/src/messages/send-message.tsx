// Writes a message: to one, to a topic, or to all.
import { type Json, messagePriorities } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { parse } from "yaml";
import { useWorld } from "../api/world.ts";
import { newKey } from "../submit/new-key.ts";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Sheet } from "../ui/sheet.tsx";

const ways = { one: "one recipient", topic: "a topic", all: "everybody" } as const;
type Way = keyof typeof ways;

export function SendMessage({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const [way, setWay] = useState<Way>("one");
  const [to, setTo] = useState("");
  const [messageType, setType] = useState("coordination_message");
  const [priority, setPriority] = useState<(typeof messagePriorities)[number]>("normal");
  const [text, setText] = useState("text: Hello");
  // Sent again after no answer came, it is still one message.
  const [id] = useState(newKey);
  const send = useMutation({
    mutationFn: () => {
      const payload = parse(text) as Json;
      const address = way === "one" ? { recipientId: to.trim() } : way === "topic" ? { topic: to.trim() } : {};
      return world.client().sendMessage({ body: { id, messageType, priority, payload, ...address } });
    },
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["messages"] }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    send.mutate();
  }
  return (
    <Sheet title="Send a message" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="To">
            {(fieldId) => (
              <Select id={fieldId} className="w-full" value={way} onChange={({ target }) => setWay(target.value as Way)}>
                {Object.entries(ways).map(([name, words]) => (
                  <option key={name} value={name}>
                    {words}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {way !== "all" && (
            <Field label={way === "one" ? "Recipient" : "Topic"}>
              {(fieldId) => (
                <TextInput
                  id={fieldId}
                  required
                  placeholder={way === "one" ? "an agent or mailbox" : "builds.main"}
                  value={to}
                  onChange={({ target }) => setTo(target.value)}
                />
              )}
            </Field>
          )}
          <Field label="Type">
            {(fieldId) => <TextInput id={fieldId} required maxLength={200} value={messageType} onChange={({ target }) => setType(target.value)} />}
          </Field>
          <Field label="Priority">
            {(fieldId) => (
              <Select
                id={fieldId}
                className="w-full"
                value={priority}
                onChange={({ target }) => setPriority(messagePriorities.find((one) => one === target.value) ?? "normal")}
              >
                {messagePriorities.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="What it says" help="JSON or YAML.">
          {(fieldId) => <TextArea id={fieldId} className="font-mono" rows={4} value={text} onChange={({ target }) => setText(target.value)} />}
        </Field>
        {send.error && <ProblemNote error={send.error} />}
        <Button kind="main" type="submit" disabled={send.isPending}>
          {send.isPending ? "Sending…" : "Send"}
        </Button>
      </form>
    </Sheet>
  );
}
