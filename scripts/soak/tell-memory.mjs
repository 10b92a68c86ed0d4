// Loaded into the gateway's processes: at SIGUSR2 a process collects its garbage and writes what is left, in bytes.
import { renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('SIGUSR2', () => {
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    const path = `${process.env.SOAK_MEMORY}/${process.pid}`
    writeFileSync(`${path}.new`, String(heapUsed + external))
    renameSync(`${path}.new`, path)
  })
}
