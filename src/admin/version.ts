import { AdminError } from './errors.ts'

/** The `ETag` of an object at a version. */
export function toTag(version: number): string {
  return `"${version}"`
}

/** The version that a change is based on, from `If-Match`. One version must be named: `*` would overwrite anything. */
export function readVersion(header: string | undefined): number {
  const [, version] = /^\s*"(\d{1,15})"\s*$/.exec(header ?? '') ?? []
  if (version !== undefined) return Number(version)
  throw header === undefined
    ? new AdminError('version_required', 'Send "if-match" with the "etag" that the object was read with.')
    : new AdminError('changed', 'No version of the object has such a tag; read it again.')
}
