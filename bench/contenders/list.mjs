// Who is measured, and which store each needs. `rows`: what Baton keeps, written without Baton. The file of the same name says how, and with which settings.
export const contenders = [
  { name: "baton-postgres", needs: "postgres", role: "baton" },
  { name: "baton-sqlite", needs: "directory", role: "baton" },
  { name: "bare-postgres", needs: "postgres", role: "limit" },
  { name: "bare-sqlite", needs: "directory", role: "limit" },
  { name: "rows-postgres", needs: "postgres", role: "rows" },
  { name: "rows-sqlite", needs: "directory", role: "rows" },
  { name: "pg-boss", needs: "postgres", role: "peer" },
  { name: "graphile-worker", needs: "postgres", role: "peer" },
  { name: "graphile-worker-tuned", needs: "postgres", role: "peer" },
  { name: "bullmq", needs: "redis", role: "peer" },
  { name: "dbos", needs: "postgres", role: "peer" },
];
