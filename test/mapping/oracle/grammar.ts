import fc from "fast-check";

/** What every generated template can name. */
export const PRELUDE = [
  `#set($s = "a,b;C d")`,
  "#set($i = 7)",
  "#set($d = 2.5)",
  "#set($t = true)",
  `#set($l = [3, "x", 1])`,
  `#set($m = {"k": "v", "n": 4, "l": [1, 2]})`,
  "#set($in = $input.path('$'))",
].join("");

export const BODY = JSON.stringify({
  name: "Ada",
  n: 12,
  big: 12345678901,
  price: 1.5,
  ok: true,
  none: null,
  list: [1, "two", { three: 3 }, [4]],
  items: [
    { id: "a", qty: 2, tags: ["x", "y"] },
    { id: "b", qty: 0, tags: [] },
  ],
  map: { a: "1", b: { c: "2" } },
  text: "He said \"hi\" / 'yo'\n\u00e9",
});

const word = fc.constantFrom(
  "s",
  "i",
  "d",
  "t",
  "l",
  "m",
  "in",
  "x",
  "y",
  "undefinedThing",
  "foreach",
  "context",
);
const property = fc.constantFrom(
  "name",
  "n",
  "list",
  "items",
  "map",
  "k",
  "l",
  "empty",
  "index",
  "count",
  "hasNext",
  "none",
  "text",
);
const small = fc.integer({ min: -3, max: 4 }).map(String);
const quoted = fc.constantFrom("a", ",", "b", "k", "", "x y", "v", "1", "two", "[a-c]", ";|,", "C d");

const steps = (depth: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        step(depth),
        property.map((name) => `.${name}`),
      ),
      { maxLength: 3 },
    )
    .map((parts) => parts.join(""));

function step(depth: number): fc.Arbitrary<string> {
  const index = fc.oneof(
    small.map((n) => `[${n}]`),
    quoted.map((q) => `["${q}"]`),
    word.map((w) => `[$${w}]`),
  );
  if (depth <= 0) return index;
  return fc.oneof(
    index,
    fc
      .tuple(
        fc.constantFrom(
          "get",
          "substring",
          "contains",
          "indexOf",
          "split",
          "equals",
          "add",
          "remove",
          "set",
          "put",
          "replace",
        ),
        fc.array(expression(depth - 1), { maxLength: 2 }),
      )
      .map(([name, args]) => `.${name}(${args.join(", ")})`),
    fc
      .constantFrom(
        "size",
        "length",
        "isEmpty",
        "keySet",
        "values",
        "toString",
        "toUpperCase",
        "trim",
        "entrySet",
        "intValue",
      )
      .map((name) => `.${name}()`),
    fc
      .tuple(fc.constantFrom("replaceAll", "replaceFirst", "matches", "split"), quoted, quoted)
      .map(([name, from, to]) =>
        name.startsWith("r") ? `.${name}("${from}", "${to}")` : `.${name}("${from}")`,
      ),
  );
}

function reference(depth: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom("$", "$", "$", "$!", "${", "$!{"), word, steps(depth))
    .map(([open, name, rest]) => `${open}${name}${rest}${open.endsWith("{") ? "}" : ""}`);
}

function literal(depth: number): fc.Arbitrary<string> {
  const flat = fc.oneof(
    small,
    fc.constantFrom("1.5", "true", "false", "0", "2147483647", "9223372036854775807", "1e3", "-.5"),
    quoted.map((text) => `"${text}"`),
    quoted.map((text) => `'${text}'`),
  );
  if (depth <= 0) return flat;
  return fc.oneof(
    flat,
    fc.array(expression(depth - 1), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.tuple(small, small).map(([from, to]) => `[${from}..${to}]`),
    fc
      .array(fc.tuple(quoted, expression(depth - 1)), { maxLength: 2 })
      .map((members) => `{${members.map(([key, value]) => `"${key}": ${value}`).join(", ")}}`),
    template(depth - 1).map((text) => `"${text.replaceAll('"', '""')}"`),
  );
}

/** What a method, list or directive takes. */
function expression(depth: number): fc.Arbitrary<string> {
  return fc.oneof(reference(depth - 1), literal(depth - 1));
}

/** What `#set` and `#if` take. */
function formula(depth: number): fc.Arbitrary<string> {
  if (depth <= 0) return expression(0);
  return fc.oneof(
    { weight: 2, arbitrary: expression(depth) },
    fc
      .tuple(
        formula(depth - 1),
        fc.constantFrom(
          "+",
          "-",
          "*",
          "/",
          "%",
          "==",
          "!=",
          "<",
          "<=",
          ">",
          ">=",
          "&&",
          "||",
          "eq",
          "and",
          "or",
          "lt",
        ),
        formula(depth - 1),
      )
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    formula(depth - 1).map((inner) => `(${inner})`),
    fc.tuple(fc.constantFrom("!", "not "), expression(depth - 1)).map(([not, inner]) => `${not}${inner}`),
  );
}

const text = fc.constantFrom(
  " ",
  "\n",
  "  \n",
  "abc",
  ": ",
  '{"k": ',
  "}",
  ",",
  "$",
  "$5",
  "#",
  "\\",
  "\t",
  "[",
  "(",
  ".",
  "é",
);

function statement(depth: number): fc.Arbitrary<string> {
  const flat = fc.oneof(
    { weight: 3, arbitrary: text },
    { weight: 3, arbitrary: reference(depth) },
    fc.tuple(reference(0), formula(depth)).map(([left, right]) => `#set(${left} = ${right})`),
    fc.tuple(fc.constantFrom("x", "y"), formula(depth)).map(([left, right]) => `#set($${left} = ${right})`),
    fc.constantFrom(
      "## note\n",
      "#* note *#",
      "#[[$raw #if]]#",
      "#break",
      "\\$s",
      "\\\\$s",
      "\\#if",
      "#pair(1 $i)",
      "#undefinedMacro($i)",
    ),
  );
  if (depth <= 0) return flat;
  const block = template(depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: flat },
    fc.tuple(formula(depth), block, block).map(([test, yes, no]) => `#if(${test})${yes}#{else}${no}#end`),
    fc
      .tuple(formula(depth), block, formula(depth), block)
      .map(([test, yes, other, no]) => `#if(${test})\n${yes}\n#elseif(${other})\n${no}\n#end\n`),
    fc
      .tuple(fc.constantFrom("x", "y", "i"), expression(depth), block)
      .map(([name, list, body]) => `#foreach($${name} in ${list})${body}#end`),
    fc.tuple(fc.constantFrom("x", "y"), block).map(([name, body]) => `#define($${name})${body}#end`),
    block.map((body) => `#macro(pair $p $q)<$p|$q${body}>#end`),
    block.map((body) => `#@pair($i)${body}#end`),
    expression(depth).map((source) => `#evaluate(${source})`),
    block.map((body) => `#literal()${body}#end`),
  );
}

/** Templates that are mostly right. */
export function template(depth: number): fc.Arbitrary<string> {
  return fc.array(statement(depth), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
}

/** Pieces of the language in any order: what is text, what is a fault, and which white space stays. */
export const pieces: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ..."$ $! ${ } { # ## #* *# #[[ ]]# \\ \\\\ ! . .. [ ] ( ) , : ' \" + - * / % = == && || < > 1 -2 1.5 a in true s $s $i ${s} $!{u} .k".split(
        " ",
      ),
      ...[
        "#set(",
        "#set ($x = 1)",
        "#if(",
        "#if($t)",
        "#else",
        "#{else}",
        "#elseif($i)",
        "#end",
        "#end\n",
        "#{end} ",
        "#foreach($x in $l)",
      ],
      ...[
        "#macro(mm $a)",
        "#mm(1)",
        "#define($x)",
        "#break",
        "#stop",
        "#foo",
        "#foo(",
        "#@mm(1)",
        "#literal()",
        "#evaluate('$s')",
      ],
      ...[
        " ",
        "\n",
        "\t",
        "  ",
        "text",
        "\r\n",
        "$m.k",
        "$l[0]",
        '"$s"',
        "$s.length()",
        "\\$s",
        "\\#set(",
        "$\\!s",
        "#$s",
        "é",
      ],
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((parts) => parts.join(""));
