/** A number by its digits, however many: 0.d1d2d3... times ten to the exponent; zero has no digits. */
interface Decimal {
  readonly sign: number;
  readonly digits: string;
  readonly exponent: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/;
/** Java's BigDecimal has 32 bits for its scale. */
const MAX_EXPONENT = 2 ** 31;

/**
 * Compares two numbers by their texts, exactly, as Java's BigDecimal does: below 0, 0 or above 0.
 * Undefined when one is no number.
 */
export function compareDecimals(left: string, right: string): number | undefined {
  const a = parse(left);
  const b = parse(right);
  if (!a || !b) return undefined;
  if (a.sign !== b.sign) return a.sign - b.sign;
  return a.sign * compareSizes(a, b);
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.exponent !== b.exponent) return a.exponent - b.exponent;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

function parse(text: string): Decimal | undefined {
  const [found, minus, whole = "", fraction = "", power = "0"] = DECIMAL.exec(text) ?? [];
  if (found === undefined || whole + fraction === "") return undefined;
  const exponent = Number(power);
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const written = whole + fraction;
  const digits = trimZeros(written);
  if (digits === "") return { sign: 0, digits, exponent: 0 };
  const leading = written.search(/[1-9]/);
  return { sign: minus === "-" ? -1 : 1, digits, exponent: exponent + whole.length - leading };
}

/** Without a pattern for the zeros at the end, which would try every run of zeros on the way. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return digits.slice(0, end).replace(/^0+/, "");
}
