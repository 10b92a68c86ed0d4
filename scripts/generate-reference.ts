/** Writes the generated part of the documentation; with `--check` it only names what is stale, and exits 1 if anything is. */
import { writeFileSync } from 'node:fs'
import { absolutePath, generatedFiles, staleFiles } from './reference/generated-files.ts'

const stale = staleFiles()
if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`${path} is stale; run "npm run docs" and commit it`)
  if (stale.length > 0) process.exitCode = 1
} else {
  for (const file of generatedFiles()) writeFileSync(absolutePath(file), file.text)
  for (const path of stale) console.log(`${path} written`)
}
