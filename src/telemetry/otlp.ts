/** Values as OTLP writes them in JSON. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export type Attribute =
  | { key: string; value: { stringValue: string } }
  | { key: string; value: { intValue: string } }
  | { key: string; value: { doubleValue: number } }
  | { key: string; value: { boolValue: boolean } }
  | { key: string; value: { arrayValue: { values: { stringValue: string }[] } } }

export type AttributeValue = string | number | boolean | readonly string[] | undefined | null

/** What is not known is left out. */
export function attributes(values: Readonly<Record<string, AttributeValue>>): Attribute[] {
  const written: Attribute[] = []
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue
    if (typeof value === 'string') written.push({ key, value: { stringValue: value } })
    else if (typeof value === 'boolean') written.push({ key, value: { boolValue: value } })
    else if (typeof value !== 'number')
      written.push({ key, value: { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } } })
    else if (Number.isInteger(value)) written.push({ key, value: { intValue: String(value) } })
    else written.push({ key, value: { doubleValue: value } })
  }
  return written
}

/** Milliseconds since 1970 as nanoseconds: they are more than a number can hold. */
export function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1000)}000`
}

/** Who tells it. */
export const SCOPE = { name: 'mlflow-gateway' } as const
