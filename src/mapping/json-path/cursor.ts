/** A path that cannot be read; the message is for its author. */
export class PathError extends Error {}

/** A place in the text of a path. */
export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, "" at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  skipSpaces(): void {
    while (this.next === " ") this.at++;
  }

  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  expect(expected: string, what: string): void {
    if (!this.take(expected)) throw this.error(`${what} has to end with "${expected}"`);
  }

  /** What a sticky pattern takes here; undefined when it does not fit. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? undefined;
    if (found) this.at += found[0].length;
    return found;
  }

  /** Text in quotes of either kind; a backslash stands for itself but before that quote. */
  quoted(): string {
    const quote = this.next;
    let text = "";
    let from = ++this.at;
    for (; !this.atEnd; this.at++) {
      if (this.next === quote) {
        text += this.text.slice(from, this.at++);
        return text;
      }
      if (this.next !== "\\") continue;
      if (this.text.charAt(this.at + 1) === quote) {
        text += this.text.slice(from, this.at);
        from = this.at + 1;
      }
      this.at++;
    }
    throw this.error(`a quote ${quote} is not closed`);
  }

  error(problem: string): PathError {
    return new PathError(`"${this.text}": ${problem}`);
  }
}
