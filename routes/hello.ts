/** A Lambda handler, as it would run on AWS Lambda behind an HTTP API (payload format 2.0). */
export async function handler(event: { queryStringParameters?: Record<string, string> }) {
  const name = event.queryStringParameters?.["name"] ?? "world";
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: `Hello, ${name}!` }),
  };
}
