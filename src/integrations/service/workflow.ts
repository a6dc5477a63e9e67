import { conflict, hasMethods, json, notFound, type Operation } from "./operation.ts";

export function workflow(binding: unknown, operation: Operation): Promise<Response> | undefined {
  if (!isWorkflow(binding)) return undefined;
  return operation.name === "create" ? create(binding, operation) : status(binding, operation);
}

function isWorkflow(binding: unknown): binding is Workflow<unknown> {
  return hasMethods(binding, "create", "createBatch", "get");
}

/** `create`: 202 and the instance's id; 409 where an instance has it. */
async function create(binding: Workflow<unknown>, operation: Operation): Promise<Response> {
  const { args } = operation;
  const id = args.text("id");
  const params = args.isBody("params") ? await bodyParams(operation) : args.value("params");
  try {
    const instance = await binding.create({
      ...(id !== undefined && { id }),
      ...(params !== undefined && { params }),
    });
    return json({ id: instance.id }, 202);
  } catch (error) {
    if (says(error, "already_exists")) throw conflict(operation, "an instance of this id");
    throw error;
  }
}

async function bodyParams({ args }: Operation): Promise<unknown> {
  return (await args.body.bytes()).byteLength === 0 ? undefined : args.body.json();
}

/** `status`: how far an instance is, and its output. Why it failed is between the log and the operator. */
async function status(binding: Workflow<unknown>, operation: Operation): Promise<Response> {
  const id = operation.args.required("id");
  try {
    const instance = await binding.get(id);
    const { status, output } = await instance.status();
    return json({ id, status, ...(output !== undefined && output !== null && { output }) });
  } catch (error) {
    if (says(error, "not_found")) throw notFound(operation, "instance");
    throw error;
  }
}

/** The platform tells its refusals apart by a code in the message: `(instance.not_found) ...`. */
function says(error: unknown, code: string): boolean {
  return error instanceof Error && error.message.includes(`instance.${code}`);
}
