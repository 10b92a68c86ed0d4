import type { JsonObject } from '../../src/core/json.ts'

const EPHEMERAL = { type: 'ephemeral' }

/** Claude Code's tools: functions of its own and of MCP servers, and one that Anthropic runs. */
const tools: JsonObject[] = [
  {
    name: 'Bash',
    description: 'Runs a command in a shell.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { command: { type: 'string' }, timeout: { type: 'number', maximum: 600_000 } },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    name: 'Read',
    description: 'Reads a file, or a picture.',
    input_schema: {
      type: 'object',
      properties: { file_path: { type: 'string' }, limit: { type: 'integer', exclusiveMinimum: 0 } },
      required: ['file_path'],
      additionalProperties: false,
    },
  },
  {
    name: 'mcp__issues__list',
    description: 'Lists issues.',
    input_schema: { type: 'object', properties: {} },
    cache_control: EPHEMERAL,
  },
  { type: 'web_search_20250305', name: 'web_search', max_uses: 8 },
]

export const headers = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta':
    'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,prompt-caching-scope-2026-01-05',
  'anthropic-dangerous-direct-browser-access': 'true',
  'x-app': 'cli',
  'x-api-key': 'not-to-be-handed-on',
}

/** The second turn of a session of Claude Code, in the shape of its requests to `POST /v1/messages?beta=true`. */
export function claudeCodeRequest({
  signature,
  thinking,
}: {
  signature: string
  thinking: JsonObject
}): JsonObject {
  return {
    model: 'a-route',
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli;' },
      { type: 'text', text: 'You are a coding agent.', cache_control: EPHEMERAL },
      {
        type: 'text',
        text: 'You work in /home/ada/project.',
        cache_control: { ...EPHEMERAL, ttl: '1h', scope: 'global' },
      },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>\nThe date is today.\n</system-reminder>' },
          { type: 'text', text: 'What does the diagram show?' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I have to look.', signature },
          { type: 'text', text: 'I will look at it.' },
          { type: 'tool_use', id: 'toolu_01', name: 'Read', input: { file_path: '/home/ada/a.png' } },
          { type: 'tool_use', id: 'toolu_02', name: 'Bash', input: { command: 'ls "a b"' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_01',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
            ],
          },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_02',
            content: 'ls: no such file',
            is_error: true,
            cache_control: EPHEMERAL,
          },
          { type: 'text', text: '<system-reminder>\nKeep going.\n</system-reminder>' },
        ],
      },
    ],
    tools,
    metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
    max_tokens: 32_000,
    thinking,
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'medium' },
    stream: true,
  }
}
