import type { JsonObject } from '../../src/core/json.ts'

/** Some of Gemini CLI's tools, as it declares them. */
const functionDeclarations: JsonObject[] = [
  {
    name: 'read_file',
    description: 'Reads a file, or a picture.',
    parametersJsonSchema: {
      type: 'object',
      properties: { file_path: { type: 'string' }, start_line: { type: 'number' } },
      required: ['file_path'],
    },
  },
  {
    name: 'run_shell_command',
    description: 'Runs a command in a shell.',
    parametersJsonSchema: {
      type: 'object',
      properties: { command: { type: 'string' }, is_background: { type: 'boolean' } },
      required: ['command'],
    },
  },
  {
    name: 'google_web_search',
    description: 'Searches the web.',
    parametersJsonSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  },
]

/**
 * The third turn of a session of Gemini CLI, in the shape of its requests to `:streamGenerateContent?alt=sse`: it keeps
 * signatures but no thoughts, answers parallel calls in one content, and a picture stands after the result. `signature`
 * came with the first call of the model's last step.
 */
export function geminiCliRequest(signature: string): JsonObject {
  return {
    contents: [
      { role: 'user', parts: [{ text: '<session_context>Linux, /work, a.png, b.txt</session_context>' }] },
      { role: 'user', parts: [{ text: 'What is in these files?' }] },
      {
        role: 'model',
        parts: [
          { text: 'I will look.' },
          {
            functionCall: { id: 'read_file_1', name: 'read_file', args: { file_path: '/project/a.png' } },
            thoughtSignature: signature,
          },
          { functionCall: { id: 'read_file_2', name: 'read_file', args: { file_path: '/project/b.txt' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              id: 'read_file_1',
              name: 'read_file',
              response: { output: 'Binary content provided (1 item(s)).' },
            },
          },
          { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
          {
            functionResponse: {
              id: 'read_file_2',
              name: 'read_file',
              response: { error: 'File not found: /project/b.txt' },
            },
          },
        ],
      },
    ],
    systemInstruction: { role: 'user', parts: [{ text: 'You are an interactive CLI agent.' }] },
    tools: [{ functionDeclarations }],
    generationConfig: {
      temperature: 1,
      topP: 0.95,
      topK: 64,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 8192 },
    },
  }
}

/** What Gemini CLI asks beside the conversation: who is to speak next, as JSON. */
export function geminiCliQuestion(): JsonObject {
  return {
    contents: [
      { role: 'user', parts: [{ text: 'What is in these files?' }] },
      { role: 'model', parts: [{ text: 'A cat.' }] },
      { role: 'user', parts: [{ text: 'Who should speak next?' }] },
    ],
    generationConfig: {
      temperature: 0,
      topP: 1,
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: {
          reasoning: { type: 'string' },
          next_speaker: { type: 'string', enum: ['user', 'model'] },
        },
        required: ['reasoning', 'next_speaker'],
      },
    },
  }
}
