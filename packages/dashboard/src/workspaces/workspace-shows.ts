// Which workspaces the list shows, as it stands in the address; absent, those that are there now.
export const workspaceShows = ["lost", "removed", "all"] as const;
