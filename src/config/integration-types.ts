/** API Gateway's integration types that this gateway serves, as OpenAPI documents write them. */
export const INTEGRATION_TYPES = ["http_proxy", "http", "aws_proxy", "mock"] as const;
