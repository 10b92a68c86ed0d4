import { createRequire } from 'node:module'
import type { Secret } from '../../core/secret.ts'

/** What is used of a Redis server. Every command may reject at any time. */
export interface RedisClient {
  getBuffer(key: string): Promise<Buffer | null>
  set(key: string, value: Buffer, unit: 'PX', ttl: number): Promise<unknown>
  /** A script by its digest, and by its text where the server does not know it yet. */
  evalsha(digest: string, keyCount: number, ...words: string[]): Promise<unknown>
  eval(text: string, keyCount: number, ...words: string[]): Promise<unknown>
  hset(key: string, field: string, value: string): Promise<unknown>
  hdel(key: string, field: string): Promise<unknown>
  hgetall(key: string): Promise<Record<string, string>>
  publish(channel: string, message: string): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  removeAllListeners(event: 'message'): unknown
  disconnect(): void
}

/** Told whenever the server begins to answer on a new connection, and whenever a connection is lost or not to be had. */
export type ConnectionListener = (isReady: boolean) => void

/** The longest pause between two tries to connect. */
const MAX_RECONNECT_MS = 2000
const CONNECT_TIMEOUT_MS = 2000
/** A connection on which a reply is due for so long is dead, though nobody has closed it. */
const SILENCE_MS = 500

/** Throws when the package is not installed: told when the configuration loads, not with the first request. */
export function requireRedisPackage(): void {
  try {
    createRequire(import.meta.url).resolve('ioredis')
  } catch (cause) {
    throw new Error('Redis needs a package: run `npm install ioredis`.', { cause })
  }
}

/** A client that connects in the background, and again whenever the connection breaks. Nothing waits in a queue for it. */
export async function connectRedis(
  url: Secret,
  listener: ConnectionListener,
  silenceMs: number = SILENCE_MS,
): Promise<RedisClient> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url.reveal(), {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: silenceMs,
    retryStrategy: (times) => Math.min(times * 100, MAX_RECONNECT_MS),
    // What old servers speak too; nothing newer is used.
    protocol: 2,
    disableClientInfo: true,
  })
  // Without a listener the client would print its errors. They come with a close.
  client.on('error', () => undefined)
  client.on('ready', () => listener(true))
  client.on('close', () => listener(false))
  return client
}
