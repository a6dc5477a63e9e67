/** A Workers handler: it is given the request and answers with a response. */
export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json({ path: new URL(request.url).pathname, now: new Date().toISOString() });
  },
};
