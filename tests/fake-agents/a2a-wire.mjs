// How a fake A2A agent's tasks look on the wire, in 1.0 and 0.3, and what it demands of what it is sent. Written by hand from the protocol's
// documents, so that it shares no mistake with the SDK.

const STATES = { input: "INPUT_REQUIRED", auth: "AUTH_REQUIRED" };
const bare = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const v1 = {
  version: "1.0",
  methods: { send: "SendMessage", stream: "SendStreamingMessage", get: "GetTask", cancel: "CancelTask", resume: "SubscribeToTask" },
  state: (state) => `TASK_STATE_${STATES[state] ?? state.toUpperCase()}`,
  part: ({ text, data, bytes, url, name, type }) => bare({ text, data, raw: bytes?.toString("base64"), url, filename: name, mediaType: type }),
  message: (message, task) => bare({ ...message, role: "ROLE_AGENT", parts: message.parts.map(v1.part), taskId: task?.id, contextId: task?.contextId }),
  artifact: ({ id, name, description, parts }) => bare({ artifactId: id, name, description, parts: parts.map(v1.part) }),
  status: (task) => bare({ state: v1.state(task.state), message: task.message && v1.message(task.message, task), timestamp: task.at }),
  task: (task) =>
    bare({ id: task.id, contextId: task.contextId, status: v1.status(task), artifacts: task.artifacts.map(v1.artifact), metadata: task.metadata }),
  result: (event, task) => {
    if (event.message) return { message: v1.message(event.message) };
    if (event.task) return { task: v1.task(task) };
    const ids = { taskId: task.id, contextId: task.contextId };
    if (event.status) return { statusUpdate: bare({ ...ids, status: event.status, metadata: event.metadata }) };
    return { artifactUpdate: { ...ids, artifact: v1.artifact(event.artifact), append: event.append ?? false, lastChunk: event.lastChunk ?? false } };
  },
  problem: ({ message, configuration, ...others }, headers) => {
    if (headers["a2a-version"] !== "1.0") return `the header A2A-Version is ${headers["a2a-version"]}`;
    const allowed = ["messageId", "contextId", "taskId", "role", "parts", "metadata", "extensions", "referenceTaskIds"];
    const settings = ["acceptedOutputModes", "taskPushNotificationConfig", "historyLength", "returnImmediately"];
    return (
      unknown(others, ["tenant", "metadata"], "params") ??
      unknown(configuration ?? {}, settings, "configuration") ??
      unknown(message, allowed, "message") ??
      (message.role === "ROLE_USER" ? undefined : `role is ${message.role}`) ??
      partProblem(message, (part) => ["text", "raw", "url", "data"].filter((kind) => kind in part).length === 1)
    );
  },
  card: (base, capabilities, binding) => ({
    supportedInterfaces: [{ url: base, protocolBinding: binding, protocolVersion: "1.0" }],
    capabilities,
    securitySchemes: { key: { apiKeySecurityScheme: { location: "header", name: "authorization" } } },
  }),
};

export const v03 = {
  version: "0.3",
  methods: { send: "message/send", stream: "message/stream", get: "tasks/get", cancel: "tasks/cancel", resume: "tasks/resubscribe" },
  state: (state) => (STATES[state] ?? state).toLowerCase().replace("_", "-"),
  part: ({ text, data, bytes, url, name, type }) => {
    if (text !== undefined) return { kind: "text", text };
    if (data !== undefined) return { kind: "data", data };
    return { kind: "file", file: bare({ bytes: bytes?.toString("base64"), uri: url, name, mimeType: type }) };
  },
  message: (message, task) =>
    bare({ ...message, kind: "message", role: "agent", parts: message.parts.map(v03.part), taskId: task?.id, contextId: task?.contextId }),
  artifact: ({ id, name, description, parts }) => bare({ artifactId: id, name, description, parts: parts.map(v03.part) }),
  status: (task) => bare({ state: v03.state(task.state), message: task.message && v03.message(task.message, task), timestamp: task.at }),
  task: (task) =>
    bare({
      kind: "task",
      id: task.id,
      contextId: task.contextId,
      status: v03.status(task),
      artifacts: task.artifacts.map(v03.artifact),
      metadata: task.metadata,
    }),
  result: (event, task) => {
    if (event.message) return v03.message(event.message);
    if (event.task) return v03.task(task);
    const ids = { taskId: task.id, contextId: task.contextId };
    if (event.status) return bare({ kind: "status-update", ...ids, status: event.status, final: event.final ?? false, metadata: event.metadata });
    return { kind: "artifact-update", ...ids, artifact: v03.artifact(event.artifact), append: event.append ?? false, lastChunk: event.lastChunk ?? false };
  },
  problem: ({ message, configuration, ...others }) => {
    const allowed = ["kind", "messageId", "contextId", "taskId", "role", "parts", "metadata", "extensions", "referenceTaskIds"];
    return (
      unknown(others, ["metadata"], "params") ??
      unknown(configuration ?? {}, ["acceptedOutputModes", "blocking", "historyLength", "pushNotificationConfig"], "configuration") ??
      unknown(message, allowed, "message") ??
      (message.kind === "message" && message.role === "user" ? undefined : "the message is not a user's") ??
      partProblem(message, (part) => (part.kind === "text" ? typeof part.text === "string" : part.kind === "data" && isObject(part.data)))
    );
  },
  card: (url, capabilities) => ({ protocolVersion: "0.3.0", url, preferredTransport: "JSONRPC", capabilities }),
};

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const unknown = (given, allowed, where) => {
  if (!isObject(given)) return `${where} is no object`;
  const other = Object.keys(given).find((key) => !allowed.includes(key));
  return other === undefined ? undefined : `${where} has no field ${other}`;
};
const partProblem = ({ messageId, parts }, isPart) => {
  if (typeof messageId !== "string" || messageId === "") return "messageId is missing";
  return Array.isArray(parts) && parts.length > 0 && parts.every(isPart) ? undefined : "parts are wrong";
};
