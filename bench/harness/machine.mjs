// What was measured on: the facts without which no figure means anything.
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { median } from "./statistics.mjs";

export function machineFacts({ postgres, redis, nats }) {
  const [cpu] = cpus();
  return [
    `${cpu?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `fsync ${fsyncMs().toFixed(2)} ms`,
    `load ${loadavg()[0].toFixed(1)} before the run`,
    `Node ${process.versions.node}`,
    postgres.missing ? "no Postgres" : `Postgres ${postgres.version} (${postgres.kind})`,
    redis.missing ? "no Redis" : `Redis ${redis.version} (${redis.kind})`,
    nats.missing ? "no NATS" : `NATS ${nats.version}`,
  ].join(" · ");
}

/** Median of 30 writes of 8 KB, each followed by fsync: what one commit costs at least where the databases live. */
function fsyncMs() {
  const home = mkdtempSync(join(tmpdir(), "baton-bench-fsync-"));
  const file = openSync(join(home, "probe"), "w");
  const page = Buffer.alloc(8192, 1);
  const samples = Array.from({ length: 30 }, () => {
    const from = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    return performance.now() - from;
  });
  closeSync(file);
  rmSync(home, { recursive: true });
  return median(samples);
}
