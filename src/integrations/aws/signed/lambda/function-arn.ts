/** A function of an account. */
export interface FunctionArn {
  /** With its version or alias, where it has one. */
  readonly arn: string;
  readonly name: string;
  readonly region: string;
}

const INVOCATION =
  /^arn:aws(?:-[a-z]+)*:apigateway:[a-z0-9-]+:lambda:path\/\/?[0-9-]+\/functions\/([^/]+)\/(?:invocations|response-streaming-invocations)$/;
const FUNCTION =
  /^arn:aws(?:-[a-z]+)*:lambda:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:function:([A-Za-z0-9_-]{1,64})(?::[A-Za-z0-9_$-]{1,128})?$/;

/** @param uri a Lambda ARN or an invocation URI, the stage's variables filled in; none for anything else */
export function functionArn(uri: string): FunctionArn | undefined {
  const arn = INVOCATION.exec(uri)?.[1] ?? uri;
  const [, region, name] = FUNCTION.exec(arn) ?? [];
  return region === undefined || name === undefined ? undefined : { arn, name, region };
}
