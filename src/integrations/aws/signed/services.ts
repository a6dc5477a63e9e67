/** How a service of AWS takes its actions, from its SDK's model. */
export interface ServiceModel {
  /** In `AWS_ENDPOINT_URL_<ID>`. */
  readonly id: string;
  /** The service's name in a signature, where that is not the name in a URI. */
  readonly signing?: string;
  /** `json`: what stands before an action in `X-Amz-Target`, and the content type's version. */
  readonly json?: { readonly target: string; readonly version: "1.0" | "1.1" };
  /** `query`: the version of the API. */
  readonly query?: string;
  /** Whether its operations are methods and paths, and none is an action. */
  readonly hasPathsOnly?: true;
  /** Of a URI that has none. An account's own endpoint is one: `abc-ats.iotdata`. */
  readonly subdomain?: string;
  /** Where it is, in place of `{service}.{region}`. */
  readonly host?: (region: string) => Place;
}

/** Where a service is, and which region its signatures name. */
export interface Place {
  /** Without the domain of its partition: `iot.eu-west-1`. */
  readonly host: string;
  readonly region: string;
}

const json = (id: string, target: string, version: "1.0" | "1.1"): ServiceModel => ({
  id,
  json: { target, version },
});
const query = (id: string, version: string): ServiceModel => ({ id, query: version });
const paths = (id: string): ServiceModel => ({ id, hasPathsOnly: true });

/** A service that is at one place of a partition, as the SDKs' endpoints have it. */
const global =
  (aws: Place, china: Place, government = aws): ((region: string) => Place) =>
  (region) => {
    if (region.startsWith("cn-")) return china;
    return region.startsWith("us-gov-") ? government : aws;
  };

/** By the name that integration URIs have for them. */
const MODELS: Readonly<Record<string, ServiceModel>> = {
  acm: json("ACM", "CertificateManager", "1.1"),
  appconfig: paths("APPCONFIG"),
  athena: json("ATHENA", "AmazonAthena", "1.1"),
  autoscaling: query("AUTO_SCALING", "2011-01-01"),
  "bedrock-runtime": { ...paths("BEDROCK_RUNTIME"), signing: "bedrock" },
  cloudformation: query("CLOUDFORMATION", "2010-05-15"),
  cloudfront: {
    ...paths("CLOUDFRONT"),
    host: global(
      { host: "cloudfront", region: "us-east-1" },
      { host: "cloudfront.cn-northwest-1", region: "cn-northwest-1" },
    ),
  },
  codebuild: json("CODEBUILD", "CodeBuild_20161006", "1.1"),
  codepipeline: json("CODEPIPELINE", "CodePipeline_20150709", "1.1"),
  "cognito-idp": json("COGNITO_IDENTITY_PROVIDER", "AWSCognitoIdentityProviderService", "1.1"),
  "cognito-identity": json("COGNITO_IDENTITY", "AWSCognitoIdentityService", "1.1"),
  dynamodb: json("DYNAMODB", "DynamoDB_20120810", "1.0"),
  ec2: query("EC2", "2016-11-15"),
  ecs: json("ECS", "AmazonEC2ContainerServiceV20141113", "1.1"),
  email: { ...query("SES", "2010-12-01"), signing: "ses" },
  events: json("EVENTBRIDGE", "AWSEvents", "1.1"),
  firehose: json("FIREHOSE", "Firehose_20150804", "1.1"),
  glue: json("GLUE", "AWSGlue", "1.1"),
  iam: {
    ...query("IAM", "2010-05-08"),
    host: global(
      { host: "iam", region: "us-east-1" },
      { host: "iam.cn-north-1", region: "cn-north-1" },
      { host: "iam.us-gov", region: "us-gov-west-1" },
    ),
  },
  iotdata: {
    ...paths("IOT_DATA_PLANE"),
    subdomain: "data-ats",
    host: (region) => ({ host: `iot.${region}`, region }),
  },
  kinesis: json("KINESIS", "Kinesis_20131202", "1.1"),
  kms: json("KMS", "TrentService", "1.1"),
  lambda: paths("LAMBDA"),
  logs: json("CLOUDWATCH_LOGS", "Logs_20140328", "1.1"),
  monitoring: query("CLOUDWATCH", "2010-08-01"),
  rekognition: json("REKOGNITION", "RekognitionService", "1.1"),
  route53: {
    ...paths("ROUTE_53"),
    host: global(
      { host: "route53", region: "us-east-1" },
      { host: "route53", region: "cn-northwest-1" },
      { host: "route53.us-gov", region: "us-gov-west-1" },
    ),
  },
  s3: paths("S3"),
  secretsmanager: json("SECRETS_MANAGER", "secretsmanager", "1.1"),
  sns: query("SNS", "2010-03-31"),
  // Its JSON protocol is for integrations that set X-Amz-Target; API Gateway's own speak Query.
  sqs: query("SQS", "2012-11-05"),
  ssm: json("SSM", "AmazonSSM", "1.1"),
  states: json("SFN", "AWSStepFunctions", "1.0"),
  sts: query("STS", "2011-06-15"),
  textract: json("TEXTRACT", "Textract", "1.1"),
  "sync-states": { ...json("SFN", "AWSStepFunctions", "1.0"), signing: "states" },
};

/** A service that nothing is known of has the name that it is called by. */
export function serviceModel(name: string): ServiceModel {
  return Object.hasOwn(MODELS, name) && MODELS[name]
    ? MODELS[name]
    : { id: name.toUpperCase().replaceAll("-", "_") };
}

/** Where an action lives that has an endpoint of its own, as the SDKs have it. */
export function serviceOfAction(service: string, action: string): string {
  return service === "states" && action === "StartSyncExecution" ? "sync-states" : service;
}
