// What of a message is signed, as one text that whoever sends it and whoever verifies it comes to.
import type { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";
import type { messageInput } from "./message.ts";

/** All of a message that is signed. */
export interface Signed {
  id: string;
  pattern: string;
  /** As the sender names it. */
  recipientId: string | null;
  topic: string | null;
  messageType: string;
  priority: string;
  payload: Json;
  sensitive: boolean;
  metadata: Json;
  correlationId: string | null;
  replyTo: string | null;
}
/** The text that is signed of a message. */
export const signedText = (said: Signed, by: { keyId: string; signedAt: string }): string => {
  const { id: messageId, pattern, recipientId, topic, messageType, priority, payload, sensitive, metadata, correlationId, replyTo } = said;
  const { keyId, signedAt } = by;
  return canonicalJson({
    v: "baton.message.1",
    keyId,
    signedAt,
    id: messageId,
    pattern,
    recipientId,
    topic,
    messageType,
    priority,
    payload,
    sensitive,
    metadata,
    correlationId,
    replyTo,
  });
};
type Said = z.output<typeof messageInput>;
export const patternOf = ({ pattern, recipientId, topic }: Pick<Said, "pattern" | "recipientId" | "topic">): NonNullable<Said["pattern"]> =>
  pattern ?? (recipientId !== undefined ? "point_to_point" : topic !== undefined ? "pub_sub" : "broadcast");
/** Of what a sender says, with all its defaults. */
export const toSigned = (said: Omit<Said, "id">, messageId: string): Signed => ({
  id: messageId,
  pattern: patternOf(said),
  recipientId: said.recipientId ?? null,
  topic: said.topic ?? null,
  messageType: said.messageType,
  priority: said.priority,
  payload: said.payload,
  sensitive: said.sensitive,
  metadata: said.metadata,
  correlationId: said.correlationId ?? null,
  replyTo: said.replyTo ?? null,
});
