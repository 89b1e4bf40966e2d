// Every bench, in the order in which they run.
import * as growth from "./growth.mjs";
import * as latency from "./latency.mjs";
import * as routing from "./routing.mjs";
import * as throughput from "./throughput.mjs";

export const benches = [throughput, latency, routing, growth];
