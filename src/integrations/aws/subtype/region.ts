import { REGION_NAME } from "../../../config/subtype-operations.ts";
import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import type { Arguments } from "../../service/parameters.ts";
import type { AwsCall } from "../signed/credentials.ts";

/** Parameters that say where what they name is. */
const QUEUE = /^https:\/\/(?:sqs(?:-fips)?\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.amazonaws\.com(?:\.cn)?\//;
/** The oldest queues' home has no name. */
const FIRST_QUEUE = "https://queue.amazonaws.com/";
const ARN = /^arn:aws(?:-[a-z]+)*:states:([a-z0-9-]+):/;

/**
 * Where a call goes: an entry's `Region`, else the region of its queue or state machine, else
 * `AWS_REGION`. Only what no request decides counts.
 *
 * @throws GatewayError API_CONFIGURATION_ERROR
 */
export function regionOf(call: AwsCall, args: Arguments): string {
  const region = args.text("Region");
  if (region !== undefined) {
    if (REGION_NAME.test(region)) return region;
    throw noRegion(`the Region of ${call.route.key} is ${JSON.stringify(region)}, which is none`);
  }
  const found = namedRegion(args) ?? call.runtime.aws?.region;
  if (found !== undefined) return found;
  throw noRegion(`${call.route.key} names no Region, and there is no AWS_REGION`);
}

function namedRegion(args: Arguments): string | undefined {
  const queue = args.fixedStart("QueueUrl");
  if (queue.startsWith(FIRST_QUEUE)) return "us-east-1";
  const [, ofQueue, legacy] = QUEUE.exec(queue) ?? [];
  const arn = args.fixedStart("StateMachineArn") || args.fixedStart("ExecutionArn");
  const region = ofQueue ?? legacy ?? ARN.exec(arn)?.[1];
  return region !== undefined && REGION_NAME.test(region) ? region : undefined;
}

function noRegion(detail: string): GatewayError {
  return new GatewayError("API_CONFIGURATION_ERROR", "aws.region", detail);
}
