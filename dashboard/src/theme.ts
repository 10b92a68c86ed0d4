const PLACE = 'theme'
const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const prefersDark = matchMedia('(prefers-color-scheme: dark)')

/** What was chosen here before. */
export function chosenTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(PLACE)) ?? 'system'
}

/** Look so, now and next time. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(PLACE, theme)
  apply()
}

/** Look as was chosen, and follow the system where nothing was. */
export function startTheme(): void {
  prefersDark.addEventListener('change', apply)
  apply()
}

/** The theme after this one, for a button that goes around. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
}

function apply(): void {
  const theme = chosenTheme()
  const isDark = theme === 'dark' || (theme === 'system' && prefersDark.matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}
