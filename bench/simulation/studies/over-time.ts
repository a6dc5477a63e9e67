import type { Axis } from "../plots/axes.ts";
import type { Panel, Span } from "../plots/panels.ts";
import { type Result, STRETCH_MS } from "../study.ts";

export const STRETCH = STRETCH_MS / 1000;

/** A result as multiples of its limit. */
export function panelOf(
  { of, admitted, asked }: Result,
  name: string,
  note: string,
  spans: readonly Span[],
): Panel {
  const { rate } = of.scenario.limit;
  return {
    name,
    note,
    spans,
    admitted: admitted.map((value) => value / rate),
    asked: asked.map((value) => value / rate),
  };
}

export const seconds = (to: number): Axis => ({
  label: "seconds",
  scale: "linear",
  from: 0,
  to,
  ticks: Array.from({ length: to / 5 + 1 }, (_, index) => 5 * index),
  format: (value) => (value === to ? `${value} s` : `${value}`),
});

/** Whole multiples of the limit's rate. */
export const multiples = (to: number): Axis => ({
  label: "multiples of the limit",
  scale: "linear",
  from: 0,
  to,
  ticks: Array.from({ length: Math.floor(to) + 1 }, (_, index) => index),
  format: (value) => `${value} ×`,
});
