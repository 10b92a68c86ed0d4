import { ACCESS } from '../../src/admin/access.ts'
import { ADMIN_ERRORS } from '../../src/admin/errors.ts'
import { tagOf } from '../../src/admin/openapi.ts'
import type { Resource } from '../../src/admin/resource.ts'
import { code, table } from './markdown.ts'
import { fieldTable } from './key-table.ts'

/** The reference of the admin API, in Markdown. */
export function adminApiPage(resources: readonly Resource[], command: string): string {
  const tags = [...new Set(resources.map(tagOf))]
  const sections = [
    `<!-- Generated from the admin API's rows by \`${command}\`. Do not edit. -->`,
    '# Admin API',
    'Every method of every path; [the guide](../guide/admin-api.md) shows how they are used. A running gateway describes the same at `/admin/docs`, and as OpenAPI at `/admin/openapi.json`. Bodies are JSON.',
    '## Everywhere',
    [
      '- `authorization: Bearer ...` holds the admin secret, or a token of the identity provider.',
      '- Lists take `limit` (1 to 200) and `after`, and answer `{"items": [...], "next": ...}`; `next` is the `after` of the next page, null on the last.',
      '- Objects have a `version`; in quotes it is their `ETag`. What changes one needs `If-Match` with it.',
      '- Times are ISO 8601 in UTC, money is in USD.',
    ].join('\n'),
    '## Refusals',
    'Every refusal is `{"error": {"code": ..., "message": ...}}`. Codes stay; messages are for people, and may change.',
    table(
      ['Code', 'Status', 'When'],
      Object.entries(ADMIN_ERRORS).map(([name, { status, when }]) => [code(name), String(status), when]),
    ),
    '## Roles',
    'A team admin sees and changes objects of the own team only: others do not exist.',
    ...tags.flatMap((tag) =>
      section(
        tag,
        resources.filter((resource) => tagOf(resource) === tag),
      ),
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(tag: string, resources: readonly Resource[]): string[] {
  return [
    `## ${tag.charAt(0).toUpperCase()}${tag.slice(1)}`,
    table(
      ['Method', 'Path', 'Does', 'For'],
      resources.map(({ method, path, summary, access, needsVersion }) => [
        method,
        code(path.replace(':id', '{id}')),
        needsVersion ? `${summary}; needs \`If-Match\`` : summary,
        ACCESS[access].join(', ').replace('team_admin', 'team admin'),
      ]),
    ),
    ...resources.flatMap(details),
  ]
}

function details({ method, path, description, query, body }: Resource): string[] {
  const title = `### ${code(`${method} ${path.replace(':id', '{id}')}`)}`
  const parts = [
    ...(description === undefined ? [] : [description]),
    ...(query && Object.keys(query.properties).length > 0 ? ['The query:', fieldTable(query)] : []),
    ...(body ? ['The body:', fieldTable(body)] : []),
  ]
  return parts.length === 0 ? [] : [title, ...parts]
}
