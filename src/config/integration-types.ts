/** API Gateway's integration types, as OpenAPI documents write them. */
export const INTEGRATION_TYPES = ["http_proxy", "http", "aws_proxy", "aws", "mock"] as const;
