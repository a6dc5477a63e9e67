interface OrderEvent {
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}

/** Path and query parameters come in the event; a plain object is answered as JSON. */
export async function handler(event: OrderEvent) {
  return {
    orderId: event.pathParameters?.["id"],
    expand: event.queryStringParameters?.["expand"]?.split(",") ?? [],
  };
}
