// graphile-worker as it comes: one job at a time, LISTEN/NOTIFY for new ones, every job fetched and completed by itself.
import { openGraphile } from "./graphile-session.mjs";

export const settings = "0.17.3, defaults: addJobs() of 500, concurrentJobs 1";
export const open = ({ url }) => openGraphile(url, {});
