// An HTTP agent, step by step. One may go on only when what the step asks for is there; from the test only when the agent has answered.
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel } from "../ui/section.tsx";
import { TestStep } from "./test-step.tsx";
import { type Tested, type WizardDraft, emptyDraft, toAgent, toFromTemplate } from "./wizard-draft.ts";
import { AboutStep, ConnectionStep, MappingStep, ReviewStep, TemplateStep } from "./wizard-steps.tsx";

const steps = ["Template", "About it", "Connection", "Mapping", "Test", "Review"] as const;
type Step = (typeof steps)[number];

export function Wizard() {
  const world = useWorld();
  const navigate = useNavigate();
  const [at, setAt] = useState(0);
  const [draft, setDraft] = useState<WizardDraft>(emptyDraft);
  const [hasChosen, setChosen] = useState(false);
  const [isMappingRight, setMappingRight] = useState(true);
  const [tested, setTested] = useState<Tested | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  const step = steps[at] ?? "Template";
  const set = (part: Partial<WizardDraft>) => setDraft({ ...draft, ...part });
  const register = useMutation({
    mutationFn: () => {
      const client = world.client();
      return draft.template === undefined
        ? client.createAgent({ body: toAgent(draft) })
        : client.createAgentFromTemplate({ body: toFromTemplate(draft, draft.template) });
    },
    onSuccess: ({ id }) => navigate({ to: "/agents/$agentId", params: { agentId: id } }),
  });
  useEffect(() => {
    if (at > 0) heading.current?.focus();
  }, [at]);
  const missing = whatIsMissing(step, { draft, hasChosen, isMappingRight, tested });
  return (
    <div className="max-w-3xl">
      <ol className="mb-5 flex flex-wrap gap-x-4 gap-y-1 text-sm" aria-label="Steps">
        {steps.map((name, index) => (
          <li
            key={name}
            aria-current={index === at ? "step" : undefined}
            className={`flex items-center gap-1.5 ${index === at ? "font-medium text-ink" : "text-soft"}`}
          >
            {index < at ? <Icon name="check" size={14} /> : <span className="tabular-nums">{index + 1}</span>}
            {name}
          </li>
        ))}
      </ol>
      <Panel className="p-5">
        <h2 ref={heading} tabIndex={-1} className="mb-4 text-lg outline-none">
          {step}
        </h2>
        {step === "Template" && (
          <TemplateStep
            chosen={hasChosen ? (draft.template?.name ?? "") : undefined}
            onChoose={(template) => {
              set({
                template,
                config: Object.fromEntries(
                  Object.entries(template?.config ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
                ),
                mapping: {},
              });
              setChosen(true);
            }}
          />
        )}
        {step === "About it" && <AboutStep draft={draft} onChange={set} />}
        {step === "Connection" && <ConnectionStep draft={draft} onChange={set} />}
        {step === "Mapping" && (
          <MappingStep
            draft={draft}
            onChange={(mapping) => {
              setMappingRight(mapping !== undefined);
              if (mapping !== undefined) set({ mapping });
            }}
          />
        )}
        {step === "Test" && <TestStep draft={draft} tested={tested} onTested={setTested} />}
        {step === "Review" && <ReviewStep draft={draft} tested={tested} />}
        {register.error && (
          <div className="mt-4">
            <ProblemNote error={register.error} />
          </div>
        )}
      </Panel>
      <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
        <Button disabled={at === 0} onClick={() => setAt(at - 1)}>
          Back
        </Button>
        <span className="flex items-center gap-3">
          {missing !== undefined && (
            <span className="text-sm text-soft" id="wizard-missing">
              {missing}
            </span>
          )}
          {step === "Review" ? (
            <Button kind="main" disabled={register.isPending} onClick={() => register.mutate()}>
              {register.isPending ? "Registering…" : "Register"}
            </Button>
          ) : (
            <Button
              kind="main"
              disabled={missing !== undefined}
              aria-describedby={missing === undefined ? undefined : "wizard-missing"}
              onClick={() => setAt(at + 1)}
            >
              Next
            </Button>
          )}
        </span>
      </div>
    </div>
  );
}

interface Known {
  draft: WizardDraft;
  hasChosen: boolean;
  isMappingRight: boolean;
  tested: Tested | undefined;
}
/** Why one may not go on. */
function whatIsMissing(step: Step, { draft, hasChosen, isMappingRight, tested }: Known): string | undefined {
  switch (step) {
    case "Template":
      return hasChosen ? undefined : "Choose one to go on.";
    case "About it":
      if (draft.name.trim() === "") return "It needs a name.";
      return draft.capabilities.length === 0 ? "Say what it can do." : undefined;
    case "Connection":
      return /^https?:\/\/\S+$/.test(draft.endpoint.trim()) ? undefined : "It needs an http or https address.";
    case "Mapping":
      return isMappingRight ? undefined : "Correct what is marked.";
    case "Test":
      return tested?.of === JSON.stringify(draft) && tested.result.success ? undefined : "Next opens once it has answered.";
    case "Review":
      return undefined;
  }
}
