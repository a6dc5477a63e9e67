import { compileExpression, type Expression, type Sources } from "../../mapping/parameters/expression.ts";

/** A reference inside a text, to say which of them found nothing. */
export interface Reference {
  /** Without the dollar: `request.path.id`. */
  readonly name: string;
  readonly expression: Expression;
}

/** A text of the configuration with its references apart. */
export interface CompiledText {
  readonly expression: Expression;
  readonly references: readonly Reference[];
  /** Text, reference, text, ...; a text that is one reference has it alone. */
  readonly parts: readonly (string | Reference)[];
}

const IN_TEXT = /\$\{([^{}]*)\}/g;

/** @throws Error for a text that the configuration's check refuses */
export function compileText(text: string, variables: Readonly<Record<string, string>>): CompiledText {
  const expression = compile(text, variables);
  const parts: (string | Reference)[] = [];
  if (/^\$[A-Za-z]/.test(text)) parts.push({ name: text.slice(1), expression });
  else {
    let end = 0;
    for (const found of text.matchAll(IN_TEXT)) {
      const name = found[1] ?? "";
      parts.push(text.slice(end, found.index), { name, expression: compile(`$${name}`, variables) });
      end = found.index + found[0].length;
    }
    parts.push(text.slice(end));
  }
  return { expression, parts, references: parts.filter((part) => typeof part !== "string") };
}

function compile(text: string, variables: Readonly<Record<string, string>>): Expression {
  const expression = compileExpression(text, variables, "request");
  if ("fault" in expression) throw new Error(expression.fault);
  return expression;
}

const OF_STAGE = /^stageVariables\.(.+)$/s;

/** Whether a reference reads what the stage says: its author is the operator. */
export function isStages({ name }: Reference): boolean {
  return OF_STAGE.test(name);
}

/** The first reference to a variable that the stage does not have, or has empty. */
export function unsetVariable(
  { references }: CompiledText,
  variables: Readonly<Record<string, string>>,
): Reference | undefined {
  return references.find(({ name }) => {
    const variable = OF_STAGE.exec(name)?.[1];
    return variable !== undefined && !(Object.hasOwn(variables, variable) && variables[variable] !== "");
  });
}

/** The first reference that finds nothing, or nothing but the empty text. */
export function emptyReference({ references }: CompiledText, sources: Sources): Reference | undefined {
  return references.find(({ expression }) => (expression.text(sources) ?? "") === "");
}
