/** The files at the root of the repository that are pages of the site too. */
export const PROJECT_PAGES = [
  { page: 'changelog', file: 'CHANGELOG.md' },
  { page: 'security', file: 'SECURITY.md' },
  { page: 'contributing', file: 'CONTRIBUTING.md' },
  { page: 'architecture', file: 'ARCHITECTURE.md' },
] as const
