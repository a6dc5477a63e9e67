/** The baseline for requests that the gateway answers itself. */
export default {
  fetch(request: Request): Response {
    const headers = { "content-type": "application/json" };
    if (request.url.endsWith("/nothing")) {
      return new Response('{"message":"Not Found"}', { status: 404, headers });
    }
    return new Response('{"message":"Hello, bench!"}', { headers });
  },
};
