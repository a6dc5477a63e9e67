/**
 * Takes the gateway's own variables and secrets out of `process.env`. Under `nodejs_compat` the
 * engine puts all of a Worker's there, and libraries look there by themselves: a function's AWS
 * SDK would call AWS in the gateway's name. Without that flag there is no `process`.
 */
export function hideFromProcess(isOwn: (name: string) => boolean): void {
  const process: unknown = Reflect.get(globalThis, "process");
  if (typeof process !== "object" || process === null || !("env" in process)) return;
  const { env } = process;
  if (typeof env !== "object" || env === null) return;
  for (const name of Object.keys(env)) if (isOwn(name)) Reflect.deleteProperty(env, name);
}
