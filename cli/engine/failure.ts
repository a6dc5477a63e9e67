/** Something that the user can mend: printed as one line, without a stack. */
export class Failure extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = "Failure";
    this.hint = hint;
  }
}

/** What went wrong as one line, with what to do about it. */
export function failureLine(error: unknown): string {
  const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const hint = error instanceof Failure ? error.hint : "DEBUG=1 shows the stack";
  return hint === undefined ? message : `${message} (${hint})`;
}
