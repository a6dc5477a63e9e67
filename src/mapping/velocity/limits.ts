/** What one template may use. API Gateway documents the first two; the others keep an isolate answering. */

/** Characters of a template: 300 KB. */
export const MAX_TEMPLATE = 300 * 1024;
/** Iterations of one `#foreach`. */
export const MAX_ITERATIONS = 1_000;
/** Characters of a rendered text, and of any text on the way: the payload limit of 10 MiB. */
export const MAX_TEXT = 10 * 1024 * 1024;
/** Directives, references and operators run in one rendering. */
export const MAX_STEPS = 1_000_000;
/** Characters read and written by all of a rendering's operations. */
export const MAX_WORK = 128 * 1024 * 1024;
/** Items of one list or map that a template builds. */
export const MAX_ITEMS = 100_000;
/** Blocks, parentheses, brackets and arguments inside each other. */
export const MAX_NESTING = 100;
/** Calls of macros inside each other, as Velocity's `velocimacro.max.depth`. */
export const MAX_MACRO_DEPTH = 20;
/** `#define` blocks that print themselves, as Velocity's `directive.define.max.depth`. */
export const MAX_BLOCK_DEPTH = 2;
/** `#evaluate` inside `#evaluate`. */
export const MAX_EVALUATE_DEPTH = 20;
