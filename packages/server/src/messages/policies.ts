// What is demanded of messages, as the store has it at the moment they are written: read anew only when its number changed, so that a rule
// that was set on one server holds on every other from the next message on.
import type { Reader } from "../store/db.ts";
import { selectPolicyVersion } from "./policy-rows.ts";
import type { Rule } from "./rules/decide.ts";
import { selectRules } from "./rules/rule-rows.ts";
import { toRule } from "./rules/to-rule.ts";
import { selectRequired } from "./signing/signing-rows.ts";

export interface Policies {
  /** Ids of agents that must sign. */
  mustSign: ReadonlySet<string>;
  rules: readonly Rule[];
}
export interface PolicyReader {
  read(tx: Reader): Promise<Policies>;
}

export function openPolicies(): PolicyReader {
  let known: { version: number; policies: Policies } | undefined;
  return {
    read: async (tx) => {
      const version = await selectPolicyVersion(tx);
      if (known?.version !== version)
        known = { version, policies: { mustSign: new Set(await selectRequired(tx)), rules: (await selectRules(tx)).map(toRule) } };
      return known.policies;
    },
  };
}
