/** V8's own (v8.dev/docs/stack-trace-api); the Workers types leave it out. */
interface ErrorConstructor {
  stackTraceLimit: number;
}
