import type { Expression } from "../syntax/tree.ts";
import { SyntaxFault } from "../template-error.ts";
import { compileBlock, renderBlock } from "./blocks.ts";
import type { Parts } from "./expressions.ts";
import { Unit } from "./unit.ts";

/** A string literal: in double quotes `\uXXXX`, references and directives are understood. */
export function compileString(unit: Unit, { image, offset }: Extract<Expression, { kind: "string" }>): Parts {
  const quote = image[0] ?? "";
  const at = unit.origin + offset;
  const written = image.slice(1, -1);
  const text = (quote === '"' ? unescaped(written, at) : written).replaceAll(quote + quote, quote);
  if (quote !== '"' || !/[$#]/.test(written)) return { value: () => text, constant: text };
  // A reference or directive has to be followed by something; what is added is taken away again.
  const padding = text.includes("##") ? "" : " ";
  const inner = new Unit(text + padding, unit.shared, at + 1);
  const block = compileBlock(inner, inner.tree);
  return {
    value(run) {
      const rendered = run.captured(() => renderBlock(run, block));
      run.work(rendered.length);
      return padding === "" ? rendered : rendered.slice(0, -1);
    },
  };
}

function unescaped(text: string, at: number): string {
  return text.replace(/\\u(.{0,4})/gs, (_, digits: string) => {
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) throw new SyntaxFault(`\\u${digits} is no character`, at);
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
}
