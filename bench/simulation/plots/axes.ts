import { COLOUR, line, text } from "./svg.ts";

export interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly scale: "linear" | "log";
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** How its ticks are written; with thousands separated by default. */
  readonly format?: (value: number) => string;
}

/** Where the values of a plot stand in the drawing, in px. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Field {
  readonly frame: Frame;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export const fieldOf = (frame: Frame, x: Axis, y: Axis): Field => ({
  frame,
  x: (value) => frame.left + part(x, value) * frame.width,
  y: (value) => frame.top + (1 - part(y, value)) * frame.height,
});

/** Grid, ticks and their labels; titles only where they are wanted. */
export function axes(field: Field, x: Axis, y: Axis, titles: "titles" | "no titles"): readonly string[] {
  const { left, top, width, height } = field.frame;
  const bottom = top + height;
  const rows = y.ticks.flatMap((tick) => [
    line(left, field.y(tick), left + width, field.y(tick), { colour: COLOUR.grid, width: 1 }),
    text(left - 8, field.y(tick) + 4, written(y, tick), { anchor: "end", colour: COLOUR.quiet }),
  ]);
  const columns = x.ticks.flatMap((tick) => [
    line(field.x(tick), bottom, field.x(tick), bottom + 5, { colour: COLOUR.quiet, width: 1 }),
    text(field.x(tick), bottom + 19, written(x, tick), { anchor: "middle", colour: COLOUR.quiet }),
  ]);
  const ground = line(left, bottom, left + width, bottom, { colour: COLOUR.quiet, width: 1 });
  if (titles === "no titles") return [...rows, ground, ...columns];
  return [
    ...rows,
    ground,
    ...columns,
    text(left + width / 2, bottom + 42, x.label, { anchor: "middle" }),
    text(left - 44, top + height / 2, y.label, { anchor: "middle", turned: -90 }),
  ];
}

/** 0 where the axis begins, 1 where it ends. */
function part({ scale, from, to }: Axis, value: number): number {
  if (scale === "linear") return (value - from) / (to - from);
  return Math.log(value / from) / Math.log(to / from);
}

const written = ({ format = (value) => value.toLocaleString("en") }: Axis, value: number): string =>
  format(value);
