import { configJsonSchema } from '../config/json-schema.ts'

/** `mlflow-gateway schema`: the JSON Schema (draft-07) of the configuration file. */
export function printSchema(): void {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
}
