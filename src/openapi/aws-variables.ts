import type { Findings } from "./findings.ts";
import { member } from "./members.ts";

/** Deeper than that, no document is meant; every reader after this one goes as deep. */
const MOST_DEPTH = 200;

/**
 * Fills `${AWS::AccountId}`, `${AWS::Partition}` and `${AWS::Region}` everywhere, as API
 * Gateway does when it imports (aws-semantics 19.2), with the parts of `x-portico-arn`, or of
 * the ARN that an API has without one.
 *
 * @returns none for a document that is nested too deep to be read
 */
export function fillAwsVariables(document: unknown, { problems, warnings }: Findings): unknown {
  const arn = member(document, "x-portico-arn");
  const [, partition = "aws", region = "local", account = "000000000000"] =
    /^arn:([^:]+):execute-api:([^:]+):(\d{12}):/.exec(typeof arn === "string" ? arn : "") ?? [];
  const values: Readonly<Record<string, string>> = {
    AccountId: account,
    Partition: partition,
    Region: region,
  };
  let tooDeep = false;
  let first: string | undefined;
  const fill = (value: unknown, place: readonly string[]): unknown => {
    if (typeof value === "string") {
      return value.replace(/\$\{AWS::(AccountId|Partition|Region)\}/g, (_, name: string) => {
        first ??= place.join(".");
        return values[name] ?? "";
      });
    }
    if (typeof value !== "object" || value === null) return value;
    if (place.length > MOST_DEPTH) {
      tooDeep = true;
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...place, String(index)]));
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, fill(inner, [...place, name])]),
    );
  };
  const filled = fill(document, []);
  if (tooDeep) {
    problems.push({
      code: "document.depth",
      path: "",
      message: `the document is nested deeper than ${MOST_DEPTH} levels`,
    });
    return undefined;
  }
  if (first !== undefined && arn === undefined) {
    warnings.push({
      code: "aws.variable",
      path: first,
      message: `\${AWS::Region} stands for ${region} and \${AWS::AccountId} for ${account}`,
      hint: "x-portico-arn says which API this is: arn:aws:execute-api:REGION:ACCOUNT:ID",
    });
  }
  return filled;
}
