#!/usr/bin/env node
import { run } from './cli/program.ts'

// Who reads only the first lines of an output (`| head`) closes the pipe: that is no error, and the end of what prints
// something, but not of a gateway.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  if (process.argv[2] !== 'start') process.exit(0)
})

await run(process.argv)
