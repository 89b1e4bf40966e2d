// The client's side of one conversation: takes what the agent tells and answers what it asks. What it asks is decided in one place, `permit`.
import { resolve } from "node:path";
import { type ClientApp, client, methods, RequestError } from "@agentclientprotocol/sdk";
import type { Json, Permissions, ToolKind } from "@baton/contract";
import { toStorableJson } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { type PermissionRequest, permit } from "../permit.ts";
import { answerPlan, answerQuestions, toAsk, toTodoUpdate } from "./cursor.ts";
import { readFileFor, writeFileFor } from "./files.ts";
import { permissionRequest, readFileRequest, sessionNotification, writeFileRequest } from "./messages.ts";
import { toPermissionAnswer } from "./permission.ts";
import { toPermissionRequest } from "./to-update.ts";
import type { Turn } from "./turn.ts";

export interface Client {
  cwd: string;
  permissions: Permissions | undefined;
  context: AttemptContext;
  turn: Turn;
  /** Aborted when the attempt must end. */
  signal: AbortSignal;
  /** Of the conversation that is held; what is told of others is not for here. undefined while it is opened. */
  sessionId(): string | undefined;
}

export function openClient(given: Client): ClientApp {
  const { context, cwd, permissions, signal, turn } = given;
  /** Files it was given leave to write: it is not asked about twice. */
  const permitted = new Set<string>();
  const ask = toAsk(context, permissions?.askTimeoutMs);
  /** A time limit of the attempt is not known to whoever asks a person: the agent is not kept waiting for that. */
  const ended = new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  const untilEnd = <T>(answer: Promise<T>, instead: T): Promise<T> => Promise.race([answer, ended.then(() => instead)]);
  const mayUse = (request: PermissionRequest): Promise<boolean> =>
    untilEnd(
      permit(permissions, cwd, request, context).then(({ allowed }) => allowed),
      false,
    );
  const mayTouch = async (toolKind: "read" | "edit", path: string): Promise<void> => {
    if (toolKind === "edit" && permitted.has(path)) return;
    const title = `${toolKind === "read" ? "Read" : "Write"} ${path.slice(0, 400)}`;
    if (!(await mayUse({ toolKind, paths: [path], title, detail: null }))) throw RequestError.invalidParams({ path }, "this is not permitted");
  };
  let files = Promise.resolve();
  /** One after the other: however many it asks for, this server has one open. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = files.then(act);
    files = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  return client({ name: "baton" })
    .onRequest(methods.client.session.requestPermission, parse(permissionRequest), async ({ params }) => {
      const request = toPermissionRequest(params.toolCall, turn.knownCall(params.toolCall.toolCallId));
      const allowed = await mayUse(request);
      if (allowed && WRITES.includes(request.toolKind)) for (const path of request.paths) permitted.add(resolve(cwd, path));
      if (!allowed && !signal.aborted) turn.deny(params.toolCall, request.title);
      return toPermissionAnswer(params.options, allowed, signal.aborted);
    })
    .onRequest(methods.client.fs.readTextFile, parse(readFileRequest), ({ params: { path, line, limit } }) =>
      inTurn(async () => {
        const content = await readFileFor({ cwd, mayTouch: (at) => mayTouch("read", at) }, path, line ?? 1, limit ?? Number.POSITIVE_INFINITY);
        return { content };
      }),
    )
    .onRequest(methods.client.fs.writeTextFile, parse(writeFileRequest), ({ params: { path, content } }) =>
      inTurn(async () => {
        await writeFileFor({ cwd, mayTouch: (at) => mayTouch("edit", at) }, path, content);
        return {};
      }),
    )
    .onRequest("cursor/ask_question", toJson, ({ params }) => untilEnd(answerQuestions(params, ask), CANCELLED))
    .onRequest("cursor/create_plan", toJson, ({ params }) => untilEnd(answerPlan(params, ask), CANCELLED))
    .onRequest("cursor/update_todos", toJson, ({ params }) => {
      takeTodos(context, params);
      return {};
    });
}

/** What the agent tells without asking anything. Whatever is not known here is its own affair. */
export function takeNotification({ context, sessionId, turn }: Client, method: string, params: Json): void {
  if (method === "cursor/update_todos") return takeTodos(context, params);
  if (method !== methods.client.session.update) return;
  const read = sessionNotification.safeParse(params);
  const held = sessionId();
  if (read.success && (held === undefined || read.data.sessionId === held)) turn.take(read.data.update);
}
function takeTodos(context: AttemptContext, params: Json): void {
  const update = toTodoUpdate(params);
  if (update !== undefined) context.onUpdate(update);
}

const WRITES: readonly ToolKind[] = ["edit", "delete", "move"];
const CANCELLED: Json = { outcome: { outcome: "cancelled" } };
const toJson = (params: unknown): Json => toStorableJson((params ?? null) as Json);

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}
/** @throws RequestError that says what is wrong with the request. */
const parse =
  <T>(schema: Schema<T>) =>
  (params: unknown): T => {
    const read = schema.safeParse(params);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw RequestError.invalidParams(undefined, `${issue?.path.join(".")}: ${issue?.message}`);
  };
