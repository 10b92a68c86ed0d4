/** A client's request as it was sent, for what must tell requests apart. It may hold what users wrote: never log it. */
export interface Asked {
  /** The path of the dialect's endpoint, such as `/v1/chat/completions`. */
  readonly endpoint: string
  readonly body: Buffer
}
