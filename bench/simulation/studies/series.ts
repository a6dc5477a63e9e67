import type { Figures } from "../figures.ts";
import type { Series } from "../plots/line-chart.ts";
import { COLOUR } from "../plots/svg.ts";
import type { Result } from "../study.ts";

const COLOURS = [COLOUR.main, COLOUR.second, COLOUR.third, COLOUR.fourth, COLOUR.quiet];

/** A line for each series of the results, in their order. */
export function seriesOf(results: readonly Result[], value: (figures: Figures) => number): readonly Series[] {
  const points = results.flatMap(({ of: { point }, figures }) =>
    point ? [{ series: point.series, x: point.x, y: value(figures) }] : [],
  );
  return [...Map.groupBy(points, ({ series }) => series)].map(([label, own], index) => ({
    label,
    colour: COLOURS[index % COLOURS.length] ?? COLOUR.ink,
    points: own,
  }));
}
