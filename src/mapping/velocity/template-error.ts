/** Where a template is wrong; `line` and `column` are 1-based. */
export interface TemplateFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Why a rendering failed: `limit` (one of limits.ts), `method` (a method that throws in Java,
 * such as an index out of bounds), `pattern` (a regular expression that is wrong or not
 * supported), `path` (a JSONPath that is wrong), `syntax` (of what `#evaluate` was given),
 * `binary` (bytes that are no text).
 */
export type TemplateErrorKind = "limit" | "method" | "pattern" | "path" | "syntax" | "binary";

/** A rendering that cannot go on; API Gateway answers 500. */
export class TemplateError extends Error implements TemplateFault {
  readonly kind: TemplateErrorKind;
  readonly line: number;
  readonly column: number;

  constructor(kind: TemplateErrorKind, message: string, { line, column }: Position = { line: 0, column: 0 }) {
    super(message);
    this.kind = kind;
    this.line = line;
    this.column = column;
  }
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of a character, both 1-based. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** A template that Velocity would not read; made into a TemplateFault or a TemplateError. */
export class SyntaxFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
