// What a server was started with: each setting by its name in the environment, what it means, and what counts. Secret ones are never told.
import { z } from "zod";

export const settingGroups = ["where it is", "store", "who may come in", "secrets", "agents", "work", "messages and sessions", "limits", "log"] as const;
export const setting = z.object({
  /** In the environment. */
  name: z.string(),
  /** The same setting, as older documents call it. */
  otherNames: z.array(z.string()),
  group: z.enum(settingGroups),
  meaning: z.string(),
  isSecret: z.boolean(),
  /** What counts. Null: nothing is set; of a secret always. */
  value: z.string().nullable(),
  /** The name under which the environment has it; null: it has it not, and the command line or the default counts. */
  givenAs: z.string().nullable(),
});
export type Setting = z.infer<typeof setting>;
export const settingList = z.object({ items: z.array(setting) });
