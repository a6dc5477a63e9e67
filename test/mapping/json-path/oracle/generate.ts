import fc from "fast-check";

/** Few names, so that paths often lead somewhere. */
const name = fc.constantFrom("a", "b", "c", "d");
const integer = fc.constantFrom("-2", "-1", "0", "1", "2", "10");
const text = fc.constantFrom("", "a", "b", "x y", "1", "2.0", "true", "null", "-1e1", "ab");

/** JSON as text: a value of JavaScript would lose `1.0`. */
const scalar = fc.oneof(
  { weight: 3, arbitrary: integer },
  fc.constantFrom("1.0", "2.5", "1e1", "12345678901234567890", "9007199254740993"),
  fc.constantFrom("true", "false", "null"),
  { weight: 2, arbitrary: text.map((value) => JSON.stringify(value)) },
);

const { document, records, map } = fc.letrec<{
  document: string;
  records: string;
  list: string;
  map: string;
}>((tie) => ({
  document: fc.oneof({ maxDepth: 4, depthSize: "medium" }, scalar, tie("map"), tie("list")),
  records: fc.array(tie("map"), { maxLength: 5 }).map((items) => `[${items.join(",")}]`),
  list: fc.array(tie("document"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
  map: fc
    .uniqueArray(fc.tuple(name, tie("document")), { minLength: 1, maxLength: 4, selector: ([key]) => key })
    .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(",")}}`),
}));

const spaces = fc.constantFrom("", "", "", " ");
const index = fc.nat({ max: 3 }).map(String);

const property = fc.oneof(
  { weight: 4, arbitrary: name.map((key) => `.${key}`) },
  name.map((key) => `['${key}']`),
);
const definite = fc.oneof(
  { weight: 4, arbitrary: property },
  index.map((at) => `[${at}]`),
  fc.nat({ max: 2 }).map((distance) => `[(@.length-${distance})]`),
);
const names = fc
  .tuple(fc.uniqueArray(name, { minLength: 2, maxLength: 3 }), spaces)
  .map(([keys, space]) => `[${keys.map((key) => `'${key}'`).join(`,${space}`)}]`);

const operand = fc
  .tuple(fc.constantFrom("@", "@", "@", "$"), fc.array(definite, { maxLength: 3 }))
  .map(([start, steps]) => start + steps.join(""));
const literal = fc.oneof(
  integer,
  fc.constantFrom("true", "false", "null", "1.0", "2.5", "x", "12345678901234567890"),
  { weight: 2, arbitrary: text.map((value) => `'${value}'`) },
);
const pattern = fc.constantFrom("/a/", "/[ab]+/", "/A.*/i", "/.*/", "/\\d+/", "/(a|x) ?y?/");
const comparison = fc
  .oneof(
    { weight: 5, arbitrary: fc.tuple(operand, spaces, sign(), spaces, fc.oneof(literal, operand)) },
    fc.tuple(operand, spaces, fc.constant("=~"), spaces, pattern),
    fc.tuple(literal, spaces, sign(), spaces, operand),
  )
  .map((parts) => parts.join(""));
// Whether a path from the root exists is asked of the item in 2.0.
const existence = fc
  .tuple(
    fc.constantFrom("", "!"),
    fc.array(definite, { minLength: 1, maxLength: 2 }),
    fc.constantFrom("", "['a','b']"),
  )
  .map(([negation, steps, last]) => `${negation}@${steps.join("")}${last}`);
const condition = fc.oneof({ weight: 2, arbitrary: comparison }, existence);
const filter = fc
  .tuple(
    fc.array(fc.tuple(condition, fc.constantFrom("&&", "||"), spaces), { minLength: 1, maxLength: 3 }),
    spaces,
  )
  .map(([terms, space]) => {
    const written = terms.map(([term, operator], at) => (at === 0 ? term : `${operator}${space}${term}`));
    return `[?(${space}${written.join(space)}${space})]`;
  });

function sign(): fc.Arbitrary<string> {
  return fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
}

const slice = fc
  .oneof(
    fc.tuple(integer.map(String), fc.constant("")),
    fc.tuple(fc.constant(""), integer.map(String)),
    fc.tuple(index, integer.map(String)),
  )
  .map(([from, to]) => `[${from}:${to}]`);
const indexes = fc.array(index, { minLength: 2, maxLength: 3 }).map((all) => `[${all.join(",")}]`);

const step = fc.oneof(
  { weight: 6, arbitrary: definite },
  { weight: 2, arbitrary: fc.constantFrom("[*]", ".*") },
  slice,
  indexes,
  { weight: 3, arbitrary: filter },
  {
    weight: 2,
    arbitrary: fc.oneof(name, fc.constantFrom("[*]", "*", "[0]", "[1:]"), filter).map((next) => `..${next}`),
  },
);

const path = fc
  .tuple(fc.array(step, { maxLength: 3 }), fc.oneof({ weight: 6, arbitrary: fc.constant("") }, names))
  .map(([steps, last]) => `$${steps.join("")}${last}`);

/** Conditions on a list's items, where most documents have something to compare. */
const filtered = fc
  .tuple(
    filter,
    fc.oneof(
      fc.constant(""),
      name.map((key) => `.${key}`),
    ),
  )
  .map((parts) => `$${parts.join("")}`);

/** Paths that Jayway 2.0 reads as they are meant, and documents for them. */
export const queries: fc.Arbitrary<{ readonly path: string; readonly document: string }> = fc.oneof(
  fc.record({ path, document: fc.oneof({ weight: 3, arbitrary: map }, records, document) }),
  fc.record({ path: filtered, document: records }),
);

/** Documents with all kinds of characters, for what prints them. */
export const texts: fc.Arbitrary<string> = fc
  .jsonValue({ maxDepth: 3, stringUnit: "binary" })
  .filter((value) => value !== null && !/\d[.e]/.test(JSON.stringify(value)))
  .map((value) => JSON.stringify(value));
