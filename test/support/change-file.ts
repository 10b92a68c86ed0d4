import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

let count = 0

/** The ways in which people and tools change a configuration file. */
export const WAYS_TO_CHANGE: Readonly<Record<string, (path: string, text: string) => Promise<void>>> = {
  'writing it over': (path, text) => writeFile(path, text),
  'renaming another over it': renameOver,
  'swapping the ..data link of Kubernetes': swapData,
}

async function renameOver(path: string, text: string): Promise<void> {
  const next = `${path}.${++count}`
  await writeFile(next, text)
  await rename(next, path)
}

/** As the kubelet does it: the file is a link into `..data`, which is a link to a folder with the files of one version. */
async function swapData(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  const version = `..version-${++count}`
  await mkdir(join(folder, version))
  await writeFile(join(folder, version, basename(path)), text)
  await symlink(version, join(folder, `..data-${count}`))
  await rename(join(folder, `..data-${count}`), join(folder, '..data'))
  const link = join(folder, `..link-${count}`)
  await symlink(join('..data', basename(path)), link)
  await rename(link, path)
}
