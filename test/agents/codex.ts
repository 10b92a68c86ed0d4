import type { JsonObject } from '../../src/core/json.ts'

const GRAMMAR = 'start: begin hunk+ end\nbegin: "*** Begin Patch" LF\nend: "*** End Patch" LF?\n'

/** Codex's tools: functions, one custom tool with a grammar, and tools that OpenAI runs or knows itself. */
const tools: JsonObject[] = [
  {
    type: 'function',
    name: 'exec_command',
    description: 'Runs a command in a terminal.',
    strict: false,
    parameters: {
      type: 'object',
      properties: { cmd: { type: 'string' }, yield_time_ms: { type: 'number' } },
      required: ['cmd'],
      additionalProperties: false,
    },
  },
  {
    type: 'function',
    name: 'update_plan',
    description: 'Updates the plan.',
    strict: false,
    parameters: {
      type: 'object',
      properties: { plan: { type: 'array', items: { type: 'object' } } },
      required: ['plan'],
      additionalProperties: false,
    },
  },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits files. The input is the patch itself, not JSON.',
    format: { type: 'grammar', syntax: 'lark', definition: GRAMMAR },
  },
  { type: 'web_search', external_web_access: false },
  { type: 'local_shell' },
]

export const PATCH = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two "quoted"\n*** End Patch\n'

/** The second turn of a session of Codex, in the shape of its requests to `POST /v1/responses`. */
export function codexRequest(encrypted: string): JsonObject {
  return {
    model: 'a-route',
    instructions: 'You are a coding agent.',
    input: [
      {
        type: 'message',
        role: 'developer',
        content: [{ type: 'input_text', text: '<permissions>May write.</permissions>' }],
      },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: '# AGENTS.md' },
          { type: 'input_text', text: '<environment_context>Linux</environment_context>' },
        ],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Make it two.' }] },
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: '**Looking at the file**' }],
        content: null,
        encrypted_content: encrypted,
      },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'I will look at it.' }],
        phase: 'commentary',
      },
      { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"cat a.txt"}', call_id: 'call_1' },
      { type: 'function_call_output', call_id: 'call_1', output: 'one\n' },
      {
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'call_2',
        name: 'apply_patch',
        input: PATCH,
      },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Success.' },
    ],
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '0199a213-81c0-7800-8aa1-bbab2a035a53',
    text: { verbosity: 'medium' },
    client_metadata: { 'x-codex-installation-id': 'an-installation' },
  }
}
