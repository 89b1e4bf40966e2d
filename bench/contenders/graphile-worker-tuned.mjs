// graphile-worker with the batching settings that its own page on performance gives for its best figures.
import { openGraphile } from "./graphile-session.mjs";

export const settings = "0.17.3, tuned as its docs: addJobs() of 500, concurrentJobs 24, maxPoolSize 25, localQueue 500, completeJobBatchDelay 0";
const tuned = { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
export const open = ({ url }) => openGraphile(url, tuned);
