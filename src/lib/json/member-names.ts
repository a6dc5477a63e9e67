/** So many names are compared one by one; a set costs more for them. */
const FEW = 16;
/** Characters of a name that its mark is made of. */
const MARKED = 24;

/**
 * The member names of the objects that are open, as places in the text: most are told apart by
 * a mark, without being cut out.
 */
export class MemberNames {
  /** The names of all open objects, those of the innermost at the end. */
  readonly #marks: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  /** Where the innermost object's names start, and those around it. */
  #base = 0;
  readonly #bases: number[] = [];
  /** An object's names once there are many, by where they start. */
  readonly #sets = new Map<number, Set<string>>();

  open(): void {
    this.#bases.push(this.#base);
    this.#base = this.#count;
  }

  close(): void {
    if (this.#count - this.#base > FEW) this.#sets.delete(this.#base);
    this.#count = this.#base;
    this.#base = this.#bases.pop() ?? 0;
  }

  /**
   * Whether the name is new to the innermost object.
   *
   * @param start its opening quote in the text
   * @param end behind its closing quote
   * @param escaped whether there are escapes in it
   */
  add(text: string, start: number, end: number, escaped: boolean): boolean {
    const marks = this.#marks;
    const count = this.#count;
    if (count - this.#base > FEW) return this.#addToSet(nameIn(text, start, end));
    const mark = escaped ? markOfName(nameIn(text, start, end)) : markOf(text, start, end - 1);
    for (let at = this.#base; at < count; at++) {
      if (marks[at] === mark && this.#name(text, at) === nameIn(text, start, end)) return false;
    }
    marks[count] = mark;
    this.#starts[count] = start;
    this.#ends[count] = end;
    this.#count = count + 1;
    if (this.#count - this.#base > FEW) this.#makeSet(text);
    return true;
  }

  #makeSet(text: string): void {
    const names = new Set<string>();
    for (let at = this.#base; at < this.#count; at++) names.add(this.#name(text, at));
    this.#sets.set(this.#base, names);
  }

  #addToSet(name: string): boolean {
    const names = this.#sets.get(this.#base);
    return names !== undefined && names.size < names.add(name).size;
  }

  #name(text: string, at: number): string {
    return nameIn(text, this.#starts[at] ?? 0, this.#ends[at] ?? 0);
  }
}

/**
 * The name with its opening quote, escapes resolved. With the quote since V8's hash of a text
 * that looks like an array index can be foreseen, and with it texts that fall into one bucket.
 */
function nameIn(text: string, start: number, end: number): string {
  const literal = text.slice(start, end);
  return literal.includes("\\") ? `"${JSON.parse(literal)}` : literal.slice(0, -1);
}

const markOfName = (name: string): number => markOf(name, 0, name.length);

/** Equal for equal names, which stand from an opening quote to before `end`. */
function markOf(text: string, start: number, end: number): number {
  const stop = Math.min(end, start + 1 + MARKED);
  let mark = end - start;
  for (let at = start + 1; at < stop; at++) mark = (Math.imul(mark, 31) + text.charCodeAt(at)) | 0;
  return mark;
}
