/** SVG as text. Lengths are in px. */

/** Named colours of the plots: all are read on white. */
export const COLOUR = {
  ink: "#1f2328",
  quiet: "#59636e",
  grid: "#e4e8ec",
  fill: "#e8ebef",
  limit: "#cf222e",
  main: "#0969da",
  second: "#8250df",
  third: "#bc4c00",
  fourth: "#1a7f37",
} as const;

interface TextStyle {
  readonly size?: number;
  readonly colour?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  /** Degrees, around where it stands. */
  readonly turned?: number;
}

interface Stroke {
  readonly colour: string;
  readonly width?: number;
  readonly dashed?: boolean;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, colour = COLOUR.ink, anchor = "start", bold = false, turned } = style;
  const turn = turned === undefined ? "" : ` transform="rotate(${turned} ${px(x)} ${px(y)})"`;
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${weight}${turn}>${escaped(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: Stroke): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"${stroked(stroke)}/>`;
}

export type Point = readonly [x: number, y: number];

export function polyline(points: readonly Point[], stroke: Stroke): string {
  return `<polyline points="${listed(points)}" fill="none" stroke-linejoin="round"${stroked(stroke)}/>`;
}

export function area(points: readonly Point[], colour: string): string {
  return `<polygon points="${listed(points)}" fill="${colour}"/>`;
}

export function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="3" fill="${colour}"/>`;
}

/** Shows only what is inside of a rectangle. @param id tells it from others of the same document */
export function clipped(
  id: string,
  x: number,
  y: number,
  width: number,
  height: number,
  content: string,
): string {
  const shape = `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"/>`;
  return `<clipPath id="${id}">${shape}</clipPath><g clip-path="url(#${id})">${content}</g>`;
}

/** With a white ground, so that it is read in dark themes too. @param title for those who cannot see it */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

const stroked = ({ colour, width = 2, dashed = false }: Stroke): string =>
  ` stroke="${colour}" stroke-width="${width}"${dashed ? ' stroke-dasharray="5 4"' : ""}`;

const listed = (points: readonly Point[]): string => points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");

/** A tenth of a px is fine enough. */
const px = (length: number): string => String(Math.round(length * 10) / 10);

const escaped = (content: string): string =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
