/** What a parameter of a service's operation may be. */
export type ParameterRule = { readonly required?: true } & (
  | {
      /** Chooses what is read or written: text in which no reference may stay empty. */
      readonly is: "address";
      /** Its most, in bytes of UTF-8. */
      readonly bytes: number;
      /** What else it has to be; said to the operator by `hint`. */
      readonly pattern?: RegExp;
      readonly hint?: string;
    }
  | { readonly is: "text" }
  | { readonly is: "integer"; readonly min: number; readonly max: number }
  /** One of a few words, which no request can choose. */
  | { readonly is: "choice"; readonly of: readonly string[] }
  | {
      /** Text as it stands in the entry: no request decides anything of it. */
      readonly is: "fixed";
      /** Whether the stage's variables may stand in it. */
      readonly variables?: true;
      /** What it has to be once it is whole; said to the operator by `hint`. */
      readonly pattern?: RegExp;
      readonly hint?: string;
    }
  /** A list of so many at most, whose places count. */
  | { readonly is: "list"; readonly max: number }
  /** A path, whose references are one segment each, or a greedy path variable. */
  | { readonly is: "path" }
  /** Any JSON with expressions in it. */
  | { readonly is: "value" }
);

export type ParameterRules = Readonly<Record<string, ParameterRule>>;
