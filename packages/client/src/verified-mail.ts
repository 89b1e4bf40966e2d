// What an agent is told of the messages it gets: only those whose signature holds, or that need none.
import { type DeliveredMessage, Refusal, type SigningKey } from "@baton/contract";
import { openCalls } from "./calls.ts";
import { type TakeMessage, Unverified } from "./message-to-send.ts";
import type { ClientSettings } from "./transport.ts";
import { verifyMessage } from "./signing.ts";

export interface Verification {
  /** Also messages without a signature are refused: they become dead letters, with the reason. Default false. */
  required?: boolean | undefined;
  /** As in `verifyMessage`. */
  trusted?: Readonly<Record<string, readonly string[]>> | undefined;
}
const MAX_KNOWN = 1000;

/** @param names of this agent, known once it is attached. */
export function takeVerified(
  settings: ClientSettings,
  names: () => readonly string[],
  { required = false, trusted }: Verification,
  take: TakeMessage,
): TakeMessage {
  const { getSigningKey } = openCalls(settings);
  /** Whose a key is does not change; whether it is retired may. */
  const known = new Map<string, SigningKey>();
  async function findKey(id: string): Promise<SigningKey | undefined> {
    const found = known.get(id);
    if (found !== undefined && found.retiredAt !== null) return found;
    try {
      const key = await getSigningKey({ params: { id } });
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(id, key);
      return key;
    } catch (error) {
      if (error instanceof Refusal && error.code === "not_found") return undefined;
      throw error;
    }
  }
  return async (message: DeliveredMessage) => {
    const verdict = await verifyMessage(message, { names: names(), findKey, trusted });
    if (verdict.state === "refused") throw new Unverified(verdict.reason);
    if (verdict.state === "unsigned" && required) throw new Unverified("It is not signed, and this agent takes signed messages only.");
    return take(message);
  };
}
