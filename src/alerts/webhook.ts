import type { Secret } from '../core/secret.ts'

/** Somebody who is told of alerts. */
export interface Webhook {
  /** Often a credential itself: only its host is ever shown. */
  readonly url: Secret
  /** Signs what is sent. */
  readonly secret?: Secret
  /** Whether it may be in the gateway's own network, and without TLS. */
  readonly isPrivate: boolean
}

/** How it is called in logs and answers. */
export function hostOf({ url }: Webhook): string {
  return URL.parse(url.reveal())?.host ?? ''
}
