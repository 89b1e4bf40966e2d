// How a verb tells, to whoever keeps the audit log, what it changed.
/**
 * Called in the transaction of a change, with what is changed under its lock: how it stood before and after, as the API tells of it; undefined: it was
 * not there. A transaction may be tried again: the last word counts.
 */
export type Saw<T> = (before: T | undefined, after: T | undefined) => void;
