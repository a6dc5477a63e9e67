import { Double } from "../../values.ts";
import { isNumber, type Numeric, numberOf } from "../arithmetic.ts";
import type { Item } from "../items.ts";
import type { Run } from "../run.ts";
import { textOf } from "../text.ts";

/** Bounded, as digits can be flags, width or position, and each way is tried. */
const SPECIFIER = /%(?:(\d{1,3})\$)?([-#+ 0,(<]{0,7})(\d{1,9})?(?:\.(\d{1,9}))?([a-zA-Z%])/g;
const MAX_WIDTH = 1_000;

interface Specifier {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** `String.format`'s conversions of texts and numbers: `%s %S %b %c %d %x %X %o %e %f %n %%`. */
export function formatted(run: Run, template: string, items: readonly Item[]): string {
  let next = 0;
  const rest = template.replace(SPECIFIER, "");
  if (rest.includes("%")) throw run.error("method", `"${template}" is no format`);
  return template.replace(SPECIFIER, (_, position, flags: string, width, precision, conversion: string) => {
    if (conversion === "n") return "\n";
    const specifier = specifierOf(run, flags, width, precision, conversion);
    if (conversion === "%") return padded("%", specifier);
    const index = position === undefined ? next++ : Number(position) - 1;
    const item = items[index];
    if (item === undefined)
      throw run.error("method", `the format has more conversions than it was given values`);
    return padded(converted(run, item, specifier), specifier);
  });
}

function specifierOf(
  run: Run,
  flags: string,
  width: unknown,
  precision: unknown,
  conversion: string,
): Specifier {
  const widest = Number(width ?? 0);
  const finest = precision === undefined ? undefined : Number(precision);
  if (widest > MAX_WIDTH || (finest ?? 0) > 100) throw run.error("limit", "the format is too wide");
  return { flags, width: widest, precision: finest, conversion };
}

function converted(run: Run, item: Item, specifier: Specifier): string {
  const { precision, conversion } = specifier;
  switch (conversion) {
    case "s":
    case "S": {
      const text = textOf(run, item).slice(0, precision);
      return conversion === "S" ? text.toUpperCase() : text;
    }
    case "b":
      return String(typeof item === "boolean" ? item : item !== null);
    case "c":
      return typeof item === "number" ? String.fromCodePoint(item) : textOf(run, item);
    default:
      if (item === null) return "null";
      if (!isNumber(item)) throw run.error("method", `%${conversion} takes a number`);
      return numeric(run, item, specifier);
  }
}

function numeric(run: Run, value: Numeric, specifier: Specifier): string {
  const { conversion, precision = 6 } = specifier;
  const isDouble = value instanceof Double;
  switch (conversion) {
    case "d":
      if (!isDouble) return signed(String(value), specifier);
      break;
    case "x":
    case "X":
    case "o":
      if (!isDouble) {
        const digits = BigInt.asUintN(32, BigInt(value)).toString(conversion === "o" ? 8 : 16);
        return zeroed(conversion === "X" ? digits.toUpperCase() : digits, specifier);
      }
      break;
    case "f":
      if (isDouble) return signed(value.value.toFixed(precision), specifier);
      break;
    case "e":
      if (isDouble) {
        return signed(value.value.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2"), specifier);
      }
      break;
    default:
  }
  throw run.error("method", `%${conversion} does not take ${textOf(run, new Double(numberOf(value)))}`);
}

function signed(digits: string, specifier: Specifier): string {
  const { flags } = specifier;
  const negative = digits.startsWith("-");
  let size = negative ? digits.slice(1) : digits;
  if (flags.includes(",")) size = size.replace(/\B(?=(?:\d{3})+(?!\d))(?<!\.\d*)/g, ",");
  const sign = negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  return sign + zeroed(size, { ...specifier, width: specifier.width - sign.length });
}

const zeroed = (digits: string, { flags, width }: Specifier): string =>
  flags.includes("0") ? digits.padStart(width, "0") : digits;

const padded = (text: string, { flags, width }: Specifier): string =>
  flags.includes("-") ? text.padEnd(width) : text.padStart(width);
