// What is demanded of messages, as the store has it at the moment they are written: read anew only when its number changed, so that a rule
// that was set on one server holds on every other from the next message on.
import type { Reader } from "../store/db.ts";
import { selectPolicyVersion } from "./policy-rows.ts";
import { selectRequired } from "./signing/signing-rows.ts";

export interface Policies {
  /** Ids of agents that must sign. */
  mustSign: ReadonlySet<string>;
}
export interface PolicyReader {
  read(tx: Reader): Promise<Policies>;
}

export function openPolicies(): PolicyReader {
  let known: { version: number; policies: Policies } | undefined;
  return {
    read: async (tx) => {
      const version = await selectPolicyVersion(tx);
      if (known?.version !== version) known = { version, policies: { mustSign: new Set(await selectRequired(tx)) } };
      return known.policies;
    },
  };
}
