// Sets theme and density before the first paint, so that nobody sees a flash of the other one.
;(() => {
  const wanted = JSON.parse(localStorage.getItem('countersign.appearance') ?? '{}')
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches
  const theme = wanted.theme === 'light' || wanted.theme === 'dark' ? wanted.theme : isDark ? 'dark' : 'light'
  document.documentElement.dataset.theme = theme
  document.documentElement.dataset.density = wanted.density === 'comfortable' ? 'comfortable' : 'compact'
})()
