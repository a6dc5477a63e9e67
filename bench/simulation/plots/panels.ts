import { type Axis, axes, type Field, type Frame, fieldOf } from "./axes.ts";
import { area, COLOUR, clipped, line, type Point, polyline, svg, text } from "./svg.ts";

/** What happens from when to when, in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** What was admitted over time, beside what was asked for and what the limit is. */
export interface Panel {
  readonly name: string;
  /** In a few words what is to be seen. */
  readonly note: string;
  readonly spans: readonly Span[];
  /** For each stretch of time; as multiples of the limit's rate. */
  readonly admitted: readonly number[];
  readonly asked: readonly number[];
}

export interface Panels {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
  /** How long a stretch is, in seconds. */
  readonly stretch: number;
  readonly x: Axis;
  readonly y: Axis;
}

const COLUMNS = 2;
const WIDTH = 900;
const HEAD = 84;
const CELL = { width: 430, height: 210 };
const INNER = { left: 58, top: 48, width: 356, height: 126 };

export function panels(chart: Panels): string {
  const rows = Math.ceil(chart.panels.length / COLUMNS);
  return svg(WIDTH, HEAD + rows * CELL.height + 6, chart.title, [
    text(20, 28, chart.title, { size: 16, bold: true }),
    text(20, 48, chart.subtitle, { colour: COLOUR.quiet }),
    ...legend(20, 70),
    ...chart.panels.flatMap((panel, index) => {
      const left = 10 + (index % COLUMNS) * (CELL.width + 10);
      const top = HEAD + Math.floor(index / COLUMNS) * CELL.height;
      return drawn(chart, panel, { ...INNER, left: left + INNER.left, top: top + INNER.top }, `clip${index}`);
    }),
  ]);
}

function legend(left: number, y: number): readonly string[] {
  return [
    area(box(left, y - 9, 18, 10), COLOUR.fill),
    text(left + 24, y, "asked for", { colour: COLOUR.quiet }),
    line(left + 96, y - 4, left + 114, y - 4, { colour: COLOUR.main }),
    text(left + 120, y, "admitted", { colour: COLOUR.main }),
    line(left + 188, y - 4, left + 206, y - 4, { colour: COLOUR.limit, width: 1.5, dashed: true }),
    text(left + 212, y, "the limit", { colour: COLOUR.limit }),
  ];
}

function drawn({ x, y, stretch }: Panels, panel: Panel, frame: Frame, id: string): readonly string[] {
  const field = fieldOf(frame, x, y);
  const { left, top, width, height } = frame;
  const admitted = panel.admitted.map(
    (value, index) => [field.x((index + 0.5) * stretch), field.y(value)] as const,
  );
  return [
    text(left - 34, top - 26, panel.name, { bold: true }),
    text(left + width, top - 26, panel.note, { colour: COLOUR.quiet, anchor: "end" }),
    clipped(`${id}a`, left, top, width, height, area(ground(panel, field, stretch), COLOUR.fill)),
    ...axes(field, x, y, "no titles"),
    ...panel.spans.flatMap((span) => marked(span, field)),
    line(left, field.y(1), left + width, field.y(1), { colour: COLOUR.limit, width: 1.5, dashed: true }),
    clipped(`${id}b`, left, top - 1, width, height + 2, polyline(admitted, { colour: COLOUR.main })),
  ];
}

/** What was asked for, down to the axis. */
function ground({ asked }: Panel, { frame, x, y }: Field, stretch: number): readonly Point[] {
  const bottom = frame.top + frame.height;
  const tops = asked.flatMap((value, index): readonly Point[] => [
    [x(index * stretch), y(value)],
    [x((index + 1) * stretch), y(value)],
  ]);
  return [[x(0), bottom], ...tops, [x(asked.length * stretch), bottom]];
}

/** Its name above it, and lines where it begins and ends. */
function marked({ from, to, name }: Span, { frame, x }: Field): readonly string[] {
  const { left, top, width, height } = frame;
  const sides = [x(from), x(to)].filter((side) => side > left && side < left + width);
  return [
    text((x(from) + x(to)) / 2, top - 6, name, { anchor: "middle", colour: COLOUR.quiet, size: 11 }),
    ...sides.map((side) => line(side, top, side, top + height, { colour: COLOUR.quiet, width: 1 })),
  ];
}

const box = (x: number, y: number, width: number, height: number): readonly Point[] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];
