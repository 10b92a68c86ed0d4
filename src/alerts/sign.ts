import { createHmac } from 'node:crypto'

export interface Signed {
  readonly id: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

/** Text of a secret that is bytes in base64. */
const PREFIX = 'whsec_'

/** The value of `webhook-signature`. Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec */
export function sign({ id, timestamp, body }: Signed, secret: string): string {
  const key = secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret)
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return `v1,${signature}`
}
