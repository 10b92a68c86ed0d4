import { cpuRow } from '../cpu-row.ts'
import { BEDROCK_ROUTE } from '../routes.ts'
import type { Row } from '../row.ts'
import { anthropicApi, mlflowApi, openaiApi, openaiShapedApi } from '../shots.ts'

const SMALL = { bytes: 1024 }
const LARGE = { bytes: 1024 * 1024 }
const STREAM = { bytes: 1024, stream: true }
const LARGE_CONNECTIONS = 4

/** What the gateway does most, each row another way through it. */
export const work: readonly Row[] = [
  // The 2023 API: the gateway translates both ways.
  cpuRow({ key: 'mlflow', title: 'mlflow chat 1 KB', api: mlflowApi, prompt: SMALL, target: 2 }),
  // The gateway speaks the provider's own shape, so bytes can pass.
  cpuRow({
    key: 'shaped',
    title: 'openai-shaped invocations 1 KB',
    api: openaiShapedApi,
    prompt: SMALL,
    target: 1.6,
  }),
  cpuRow({
    key: 'shaped-stream',
    title: 'openai-shaped stream of 200',
    api: openaiShapedApi,
    prompt: STREAM,
    target: 1.6,
  }),
  cpuRow({ key: 'openai', title: 'openai client 1 KB', api: openaiApi(), prompt: SMALL, target: 1.5 }),
  // A prompt so long that reading it would be most of the work.
  cpuRow({
    key: 'openai-large',
    title: 'openai client 1 MB prompt',
    api: openaiApi(),
    prompt: LARGE,
    target: 0.6,
    connections: LARGE_CONNECTIONS,
  }),
  // Another dialect than the provider's: everything is translated.
  cpuRow({ key: 'anthropic', title: 'anthropic client 1 KB', api: anthropicApi(), prompt: SMALL, target: 2 }),
  cpuRow({
    key: 'anthropic-stream',
    title: 'anthropic client stream of 200',
    api: anthropicApi(),
    prompt: STREAM,
    target: 2.5,
  }),
  // Signed requests, binary frames.
  cpuRow({
    key: 'bedrock-stream',
    title: 'openai client to bedrock, stream of 200',
    api: openaiApi(BEDROCK_ROUTE),
    prompt: STREAM,
    target: 3,
  }),
]
