import { expect, test } from 'vitest'
import { chatApiOf } from './formats.ts'
import { reasonNotToReplay } from './not-handled.ts'
import { haveCorpus, NO_CORPUS, readCorpus } from './recordings.ts'
import { retrievalFormatOf } from './retrieval-formats.ts'

test('every recording is replayed, or has a reason why not', ({ skip }) => {
  skip(!haveCorpus, NO_CORPUS)
  const forgotten = readCorpus().filter(
    (recording) => !chatApiOf(recording) && !retrievalFormatOf(recording) && !reasonNotToReplay(recording),
  )
  expect(forgotten.map(({ id }) => id)).toEqual([])
})
