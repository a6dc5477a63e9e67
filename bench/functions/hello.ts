interface HelloEvent {
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}

/** The Lambda handler of the function case; it answers what `contestants/static.ts` answers. */
export function handler(event: HelloEvent) {
  const name = event.queryStringParameters?.["name"] ?? "world";
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: `Hello, ${name}!` }),
  };
}
