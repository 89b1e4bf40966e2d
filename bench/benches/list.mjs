// Every bench, in the order in which they run.
import * as latency from "./latency.mjs";
import * as throughput from "./throughput.mjs";

export const benches = [throughput, latency];
