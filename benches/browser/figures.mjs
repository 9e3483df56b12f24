/** Figures of repeated measurements. */

export const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};

export const median = (values) => quantile(values, 0.5);

export const rounded = (value) => Math.round(value * 100) / 100;
