// Median and percentiles of samples. Nearest rank: every figure shown was really measured.

/** The smallest sample that at least `share` (0..1) of all samples do not exceed. */
export function percentile(samples, share) {
  if (samples.length === 0) throw new RangeError("No samples to take a percentile of");
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(samples) {
  if (samples.length === 0) throw new RangeError("No samples to take a median of");
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const spread = (samples) => ({ min: Math.min(...samples), median: median(samples), max: Math.max(...samples) });
