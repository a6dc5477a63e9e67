import type { Axis } from "../plots/axes.ts";

/** Admitted of what the ideal bucket admits: above 1 where what was allowed before is admitted later. */
export const SHARE: Axis = {
  label: "admitted ÷ allowed",
  scale: "linear",
  from: 0,
  to: 1.1,
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
  format: (value) => value.toFixed(1),
};
