/** As much of the engine's module as contestants use; the bench is compiled for Node.js. */
declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(ctx: unknown, env: unknown);
  }
}
