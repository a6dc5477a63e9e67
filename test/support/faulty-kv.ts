import { env } from "cloudflare:workers";

/** `late` answers with what is there now, when it is let go. */
type Fault = "none" | "throws" | "null" | "corrupt" | "hangs" | "late";

/** The real namespace with faults that can be switched on, and a count of what is asked of it. */
export class FaultyKV {
  fault: Fault = "none";
  lists = 0;
  gets = 0;
  readonly #waiting: (() => void)[] = [];

  /** How many answers wait to be let go. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets go what waits since `fault` was `hangs` or `late`. */
  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  readonly namespace: KVNamespace = new Proxy(env.CONFIG, {
    get: (target, property) => {
      if (property === "list") return (options?: KVNamespaceListOptions) => this.#list(target, options);
      if (property === "get") return (key: string | string[]) => this.#get(target, key);
      return Reflect.get(target, property);
    },
  });

  async #list(target: KVNamespace, options?: KVNamespaceListOptions): Promise<unknown> {
    this.lists += 1;
    await this.#fail();
    return target.list(options);
  }

  async #get(target: KVNamespace, key: string | string[]): Promise<unknown> {
    this.gets += 1;
    await this.#fail();
    const spoil = (value: string | null): string | null =>
      this.fault === "null" ? null : this.fault === "corrupt" ? (value ?? "").slice(0, -1) : value;
    const { fault } = this;
    if (typeof key === "string") return spoil(await target.get(key, "text"));
    const values = await target.get(key, "text");
    if (fault === "late") await this.#wait();
    return new Map([...values].map(([name, value]) => [name, spoil(value)]));
  }

  async #fail(): Promise<void> {
    if (this.fault === "throws") throw new Error("KV GET failed: 500 Internal Server Error");
    if (this.fault === "hangs") await this.#wait();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
