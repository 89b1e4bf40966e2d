// How known agents speak the Agent Client Protocol, in shapes recorded from the real ones: `acp-agent.mjs --as=NAME`.
const diff = (path) => [{ type: "diff", path, oldText: null, newText: "hi\n" }];
const outcome = ({ result }) => result.outcome.optionId ?? result.outcome.outcome;

export const dialects = {
  claude: {
    capabilities: {
      _meta: { claudeCode: { promptQueueing: true } },
      promptCapabilities: { image: true, embeddedContext: true },
      mcpCapabilities: { http: true, sse: true },
      loadSession: true,
    },
    session: {
      modes: {
        currentModeId: "default",
        availableModes: [
          { id: "default", name: "Default" },
          { id: "acceptEdits", name: "Accept Edits" },
        ],
      },
      configOptions: [
        {
          id: "mode",
          name: "Mode",
          category: "mode",
          type: "select",
          currentValue: "default",
          options: [
            { value: "default", name: "Default" },
            { value: "acceptEdits", name: "Accept Edits" },
          ],
        },
        {
          id: "model",
          name: "Model",
          category: "model",
          type: "select",
          currentValue: "default",
          options: [
            { value: "default", name: "Default" },
            { value: "haiku", name: "Haiku" },
          ],
        },
      ],
    },
    behaviours: {
      write: async (_, __, { update, permission, text }) => {
        update({ sessionUpdate: "usage_update", used: 1235, size: 1_000_000 });
        update({
          _meta: { claudeCode: { toolName: "Write" } },
          toolCallId: "toolu_1",
          sessionUpdate: "tool_call",
          rawInput: {},
          status: "pending",
          title: "Write",
          kind: "edit",
          content: [],
          locations: [],
        });
        const told = {
          rawInput: { file_path: "out.txt", content: "hi\n" },
          title: "Write out.txt",
          kind: "edit",
          content: diff("out.txt"),
          locations: [{ path: "out.txt" }],
        };
        update({ _meta: { claudeCode: { toolName: "Write" } }, toolCallId: "toolu_1", sessionUpdate: "tool_call_update", ...told });
        const path = `${process.cwd()}/out.txt`;
        const options = [
          { kind: "allow_always", name: "Always Allow all Write", optionId: "allow_always" },
          { kind: "allow_once", name: "Allow", optionId: "allow" },
          { kind: "reject_once", name: "Reject", optionId: "reject" },
        ];
        const said = outcome(
          await permission(
            {
              toolCallId: "toolu_1",
              rawInput: { file_path: path, content: "hi\n" },
              title: "Write out.txt",
              kind: "edit",
              content: diff(path),
              locations: [{ path }],
            },
            options,
          ),
        );
        update({ _meta: { claudeCode: { toolName: "Write" } }, toolCallId: "toolu_1", sessionUpdate: "tool_call_update" });
        update({
          toolCallId: "toolu_1",
          sessionUpdate: "tool_call_update",
          status: said === "allow" ? "completed" : "failed",
          rawOutput: "File created successfully at: out.txt",
        });
        text("", { messageId: "msg_1" });
        text(`Done: ${said}.`, { messageId: "msg_1" });
        update({ sessionUpdate: "usage_update", used: 1290, size: 1_000_000, cost: { amount: 0.01514, currency: "USD" } });
        return { usage: { inputTokens: 2468, outputTokens: 112, cachedReadTokens: 0, cachedWriteTokens: 0, totalTokens: 2580 } };
      },
      limited: (_, __, { text }) => {
        text("API Error: Request rejected (429) · stub error 429", { messageId: "m" });
        return { error: [-32603, "Internal error: API Error: Request rejected (429) · stub error 429", { errorKind: "rate_limit" }] };
      },
    },
  },
  copilot: {
    behaviours: {
      write: async (_, __, { update, permission, text }) => {
        update({
          sessionUpdate: "tool_call",
          toolCallId: "call_1",
          title: "Creating out.txt",
          kind: "edit",
          status: "pending",
          rawInput: { path: "out.txt", file_text: "hi\n" },
          locations: [{ path: "out.txt" }],
          content: [{ type: "diff", path: "out.txt", oldText: "", newText: "hi\n" }],
        });
        const fileName = `${process.cwd()}/out.txt`;
        const options = [
          { optionId: "allow_once", kind: "allow_once", name: "Allow once" },
          { optionId: "allow_always", kind: "allow_always", name: "Always allow" },
          { optionId: "reject_once", kind: "reject_once", name: "Deny" },
        ];
        const said = outcome(
          await permission(
            { toolCallId: "call_1", title: "Create file", kind: "edit", status: "pending", rawInput: { fileName, diff: "…" }, locations: [{ path: fileName }] },
            options,
          ),
        );
        if (said !== "allow_once") {
          update({ sessionUpdate: "tool_call_update", toolCallId: "call_1", status: "failed" });
          text("Info: Operation cancelled by user");
          return {};
        }
        text(`Info: ${fileName}`);
        update({
          sessionUpdate: "tool_call_update",
          toolCallId: "call_1",
          status: "completed",
          content: diff("out.txt"),
          rawOutput: { content: "Created file" },
        });
        text("Done: file written.");
        return { usage: { inputTokens: 2468, outputTokens: 112, totalTokens: 2580, cachedReadTokens: 0, cachedWriteTokens: 0 } };
      },
      unavailable: (_, __, { text }) => {
        text("Info: Request failed due to a transient API error. Retrying...");
        text("Error: Failed to get response from the AI model; retried 5 times (total retry wait time: 13.70 seconds) Last error: 500 stub error 500");
      },
      rejected: (_, __, { text }) => {
        text("I look at it. ");
        text("Error: 400 the model is not there");
      },
      limited: (_, __, { text }) => {
        text("Error: Failed to get response from the AI model; retried 5 times (total retry wait time: 57.16 seconds) Last error: 429 Too Many Requests");
      },
    },
  },
  codex: {
    behaviours: {
      limited: (_, __, { text }) => {
        text("exceeded retry limit, last status: 429 Too Many Requests\n\n");
        return { usage: null, _meta: { quota: { token_count: null, model_usage: [] } } };
      },
      busy: (_, __, { text }) => {
        text("We’re currently experiencing high demand, which may cause temporary errors.\n\n");
        return { usage: { inputTokens: 1234, outputTokens: 56, totalTokens: 1290 } };
      },
      uncounted: (_, __, { text }) => {
        text("the model is not there\n\n");
        return { usage: null, _meta: { quota: { token_count: null, model_usage: [] } } };
      },
      write: async (_, __, { permission }) => {
        const options = [
          { optionId: "allow", kind: "allow_once", name: "Yes" },
          { optionId: "cancel", kind: "reject_once", name: "No" },
        ];
        const said = outcome(await permission({ toolCallId: "c1", title: "Edit out.txt", kind: "edit", content: diff(`${process.cwd()}/out.txt`) }, options));
        return said === "allow" ? {} : { stopReason: "cancelled", usage: null };
      },
    },
  },
  gemini: {
    session: {
      modes: {
        currentModeId: "default",
        availableModes: [
          { id: "default", name: "Default" },
          { id: "yolo", name: "YOLO" },
        ],
      },
      models: {
        currentModelId: "auto",
        availableModels: [
          { modelId: "auto", name: "Auto" },
          { modelId: "gemini-3-flash", name: "Flash" },
        ],
      },
    },
    behaviours: {
      write: async (_, __, { update, permission, text }) => {
        const path = `${process.cwd()}/out.txt`;
        const options = [
          { optionId: "proceed_always", kind: "allow_always", name: "Allow for this session" },
          { optionId: "proceed_once", kind: "allow_once", name: "Allow" },
          { optionId: "cancel", kind: "reject_once", name: "Reject" },
        ];
        const said = outcome(
          await permission(
            { toolCallId: "w1", status: "pending", title: "Writing to out.txt", content: diff(path), locations: [{ path }], kind: "edit" },
            options,
          ),
        );
        update({ sessionUpdate: "tool_call_update", toolCallId: "w1", status: "completed", content: diff(path), kind: "edit" });
        text(`Done: ${said}.`);
        const model_usage = [{ model: "gemini-3-flash", token_count: { input_tokens: 1234, output_tokens: 56 } }];
        return { _meta: { quota: { token_count: { input_tokens: 2468, output_tokens: 112 }, model_usage } } };
      },
    },
  },
  opencode: {
    session: {
      configOptions: [
        {
          id: "model",
          name: "Model",
          category: "model",
          type: "select",
          currentValue: "stub/stub-model",
          options: [{ value: "stub/stub-model", name: "Stub" }],
        },
      ],
    },
    behaviours: {
      write: async (_, __, { update, ask, text, sessionId }) => {
        update({ sessionUpdate: "tool_call", toolCallId: "o1", title: "write", kind: "edit", status: "pending", locations: [], rawInput: {} });
        update({
          sessionUpdate: "tool_call_update",
          toolCallId: "o1",
          status: "in_progress",
          kind: "edit",
          title: "write",
          locations: [{ path: "out.txt" }],
          rawInput: { filePath: "out.txt", content: "hi\n" },
        });
        await ask("fs/write_text_file", { sessionId, path: `${process.cwd()}/out.txt`, content: "hi\n" });
        update({
          sessionUpdate: "tool_call_update",
          toolCallId: "o1",
          status: "completed",
          title: "out.txt",
          content: [{ type: "content", content: { type: "text", text: "Wrote file successfully." } }],
          rawOutput: { output: "Wrote file successfully." },
        });
        text("Done: file written.", { messageId: "msg_2" });
        update({ sessionUpdate: "usage_update", used: 1234, size: 100_000, cost: { amount: 0.002692, currency: "USD" } });
        return { usage: { inputTokens: 1234, outputTokens: 56, totalTokens: 1290 }, _meta: {} };
      },
      talk: (_, __, { update, text }) => {
        text("Hello.", { messageId: "msg_3" });
        update({ sessionUpdate: "usage_update", used: 1234, size: 100_000, cost: { amount: 0.001346, currency: "USD" } });
        return { usage: { inputTokens: 1234, outputTokens: 56, totalTokens: 1290 }, _meta: {} };
      },
    },
  },
  qwen: {
    // Any conversation is "loaded"; one that it does not know begins anew, and nothing of it is told.
    loadsAnything: true,
    behaviours: {
      write: (_, __, { update, text }) => {
        const usage = { inputTokens: 1234, outputTokens: 56, totalTokens: 1290, thoughtTokens: 0, cachedReadTokens: 0 };
        text("", { _meta: { usage, durationMs: 40 } });
        update({
          sessionUpdate: "tool_call_update",
          toolCallId: "q1",
          status: "failed",
          content: [{ type: "content", content: { type: "text", text: "File path must be absolute: out.txt" } }],
          _meta: { toolName: "write_file" },
        });
        text("Done.");
        text("", { _meta: { usage, durationMs: 48 } });
      },
      limited: (_, __, { text }) => {
        text("[API Error: 429 Rate limit exceeded, try again in 30s]");
      },
    },
  },
};
