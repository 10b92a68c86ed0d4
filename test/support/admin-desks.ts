import type { ConfigDesk, ControlPlane } from '../../src/admin/resource.ts'
import { ConfigSource } from '../../src/cluster/config-source.ts'
import { routeDesk, secretDesk } from '../../src/cluster/desks.ts'
import type { Catalogue } from '../../src/config/catalogue.ts'
import { printIssue } from '../../src/config/issue.ts'
import type { Database } from '../../src/core/database.ts'
import { takeKeyring, Vault } from '../../src/stores/index.ts'

type Desks = Pick<ControlPlane, 'routes' | 'secrets'>

/** A configuration file that is not there. */
export const noFile: ConfigDesk = {
  schema: () => ({}),
  file: () =>
    Promise.resolve({
      name: 'gateway.yaml',
      text: null,
      tag: null,
      isWritable: false,
      inUse: null,
      before: null,
    }),
  validate: () => Promise.resolve({ valid: true, issues: [], warnings: [] }),
  save: () => Promise.reject(new Error('not asked')),
}

/** For a control plane that has neither routes nor secrets. */
export const noDesks: Desks = {
  routes: { list: () => [], preview: () => Promise.resolve([]) },
  secrets: {
    list: () => Promise.resolve([]),
    set: () => Promise.reject(new Error('not asked')),
    delete: () => Promise.resolve(false),
    rotate: () => Promise.reject(new Error('not asked')),
    usersOf: () => [],
  },
}

const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'

/** Routes and secrets as the gateway has them, of a database and a file. */
export async function openDesks(
  database: Database,
  text: string,
): Promise<Desks & Pick<ControlPlane, 'changed'>> {
  const vault = new Vault(database.secrets, takeKeyring({ MLFLOW_GATEWAY_ENCRYPTION_KEY: KEY }))
  const source = new ConfigSource({ path: 'gateway.yaml', database, vault, warn: () => undefined })
  const load = async (): Promise<Catalogue> => {
    await source.look()
    const loaded = await source.load(text)
    if (!loaded.ok) throw new Error(loaded.issues.map(printIssue).join('\n'))
    return loaded.catalogue
  }
  let catalogue = await load()
  const setup = {
    source,
    vault,
    catalogue: () => catalogue,
    text: () => text,
    changed: () => undefined,
  }
  const changed = async (): Promise<void> => {
    catalogue = await load()
  }
  return { routes: routeDesk(setup), secrets: secretDesk(setup), changed }
}
