import { showKey } from './show.ts'

/** Where in the file's values something is: keys of mappings and indexes of lists, from the top. */
export type Path = readonly (string | number)[]

/** One mistake, placed by path; `at` says whether the key or its value is at fault. */
export interface Problem {
  path: Path
  at: 'key' | 'value'
  /** What is wrong and what to write instead; never the text of a secret. */
  message: string
  /** Whether the value was understood and only its secret could not be found. */
  secret?: true
  /** The secret is one of the store's: a later one, or another key, may be all that is missing. */
  isStored?: true
}

/** One mistake, placed in the file. `line` and `column` count from 1; both are 0 when it is the file as a whole. */
export interface FileIssue {
  file: string
  line: number
  column: number
  /** Such as `routes[2].model.config.openai_api_key`; empty for the top level. */
  path: string
  message: string
}

/** One line for a terminal or a log: `file:line:column: path: what is wrong; what to write`. */
export function printIssue({ file, line, column, path, message }: FileIssue): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}

/** `path` as people write it; keys that may hide a secret are cut short. */
export function printPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? showKey(step) : `.${showKey(step)}`
  }
  return text
}
