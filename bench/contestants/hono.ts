import { honoProxy } from "./hono-proxy.ts";

export default honoProxy();
