// What one may want to see of the tasks; part of the overview's address.
export const taskShows = ["all", "active", "waiting", "completed", "failed"] as const;
export type TaskShow = (typeof taskShows)[number];
