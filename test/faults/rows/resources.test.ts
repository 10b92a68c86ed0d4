import { execFileSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { ask, chatBody } from '../../support/ask.ts'
import { Gateway } from '../../support/gateway.ts'
import { waitFor } from '../../support/wait.ts'
import { Crowd } from '../rig/crowd.ts'

const YAML = `routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m } }]\n`
const MOST_FILES = 256
const CLIENTS = 1000

async function start(stdout?: 'unread'): Promise<Gateway> {
  const gateway = await Gateway.start(YAML, { workers: 2, ...(stdout && { stdout }) })
  onTestFinished(() => gateway.stop())
  return gateway
}

function openSocket(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

it('48: a thousand clients, and room for 256 files', async () => {
  const gateway = await start()
  const pids = gateway.workers()
  for (const pid of pids) {
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${MOST_FILES}:${MOST_FILES}`])
  }
  const sockets = Array.from({ length: CLIENTS }, () => openSocket(gateway.port))
  await sleep(2_000)
  for (const socket of sockets) socket.destroy()
  const isWell = await waitFor(
    'it to answer again',
    () =>
      ask(`${gateway.url}/v1/chat/completions`, { body: chatBody('hi', { model: 'chat' }) }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    20_000,
  )
  expect(isWell).toBe(true)
  const crowd = new Crowd(gateway)
  await crowd.during(() => sleep(1_000))
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect(gateway.workers()).toEqual(pids)
  crowd.report({
    row: 48,
    fault: `${CLIENTS} clients at a gateway that may open ${MOST_FILES} files in each process`,
    expected: 'no process dies, and it serves once they are gone',
  })
})

it('49: nobody reads the log', async () => {
  const gateway = await start('unread')
  const crowd = new Crowd(gateway)
  await crowd.during(() => sleep(6_000), { clients: 16 })
  expect(Object.keys(crowd.ends)).toEqual(['200'])
  expect(crowd.slowestMs).toBeLessThan(1_000)
  expect(gateway.workers()).toHaveLength(2)
  crowd.report({
    row: 49,
    fault: 'nobody reads the log',
    expected: 'requests go on; lines are dropped and counted',
  })
})
