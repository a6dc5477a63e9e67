interface Event {
  readonly queryStringParameters?: Record<string, string>;
  readonly requestContext: { readonly authorizer?: { readonly lambda?: { readonly user?: string } } };
}

/** A Lambda handler, as it would run on AWS Lambda behind an HTTP API (payload format 2.0). */
export async function handler(event: Event) {
  const { user = "world" } = event.requestContext.authorizer?.lambda ?? {};
  const name = event.queryStringParameters?.["name"] ?? user;
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: `Hello, ${name}!` }),
  };
}
