/** Something that the user can mend: printed as one line, without a stack. */
export class Failure extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = "Failure";
    this.hint = hint;
  }
}
