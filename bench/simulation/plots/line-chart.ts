import { type Axis, axes, type Field, fieldOf } from "./axes.ts";
import { COLOUR, dot, line, polyline, svg, text } from "./svg.ts";

export interface Series {
  /** Stands where its line ends. */
  readonly label: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const WIDTH = 820;
const HEIGHT = 440;
const FRAME = { left: 70, top: 72, width: 560, height: 300 };
/** Labels are this far from each other at least, in px. */
const LABEL_HEIGHT = 17;

export function lineChart({ title, subtitle, x, y, series }: LineChart): string {
  const field = fieldOf(FRAME, x, y);
  return svg(WIDTH, HEIGHT, title, [
    text(20, 28, title, { size: 16, bold: true }),
    text(20, 48, subtitle, { colour: COLOUR.quiet }),
    ...axes(field, x, y, "titles"),
    ...series.flatMap((one) => drawn(one, field)),
    ...labels(series, field),
  ]);
}

function drawn({ colour, points }: Series, field: Field): readonly string[] {
  const at = points.map(({ x, y }) => [field.x(x), field.y(y)] as const);
  return [polyline(at, { colour }), ...at.map(([x, y]) => dot(x, y, colour))];
}

/** Where lines end, one below the other, however close the lines are. */
function labels(series: readonly Series[], { frame, x, y }: Field): readonly string[] {
  const ends = series
    .flatMap(({ label, colour, points }) => {
      const end = points.at(-1);
      return end ? [{ label, colour, x: x(end.x), y: y(end.y) }] : [];
    })
    .sort((a, b) => a.y - b.y);
  const heights = spread(
    ends.map((end) => end.y),
    frame.top + frame.height,
  );
  const left = frame.left + frame.width + 22;
  return ends.flatMap((end, index) => {
    const height = heights[index] ?? end.y;
    return [
      line(end.x + 5, end.y, left - 4, height, { colour: end.colour, width: 1 }),
      text(left, height + 4, end.label, { colour: end.colour, bold: true }),
    ];
  });
}

/** Moves heights apart that are too close: down, and up again where that leads below the bottom. */
export function spread(heights: readonly number[], bottom: number): readonly number[] {
  let above = Number.NEGATIVE_INFINITY;
  const down = heights.map((height) => {
    above = Math.max(height, above + LABEL_HEIGHT);
    return above;
  });
  let below = bottom + LABEL_HEIGHT;
  const up = down.toReversed().map((height) => {
    below = Math.min(height, below - LABEL_HEIGHT);
    return below;
  });
  return up.toReversed();
}
