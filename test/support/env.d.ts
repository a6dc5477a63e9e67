declare namespace Cloudflare {
  interface Env {
    readonly CONFIG: KVNamespace;
    readonly ORIGIN: Fetcher;
    readonly CANARY: string;
  }
  interface GlobalProps {
    mainModule: typeof import("../../src/worker.ts");
  }
}
