// How often an agent was told that a check of its step failed, among all it was told was wrong.
/** Before the word for a failed check. */
export const CHECK_MARK = "check ";
export const checksTold = (told: readonly string[]): number => told.filter((one) => one.startsWith(CHECK_MARK)).length;
