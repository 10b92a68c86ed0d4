// Writes records as a worker does and, only then, tells their ids, until it is killed.
import { Spool } from '../../src/cluster/spool.ts'
import { usageRecord } from '../support/usage.ts'

const spool = new Spool({ directory: process.argv[2] ?? '', maxFileBytes: 200_000 })

function writeSome(): void {
  for (let count = 0; count < 20; count++) {
    const id = `r${next++}`
    spool.append(JSON.stringify(usageRecord(id)))
    process.stdout.write(`${id}\n`)
  }
  setImmediate(writeSome)
}

let next = 0
writeSome()
