// Runs before the first paint, as a file of its own because the page's Content-Security-Policy allows no inline script.
// The choice is kept by the settings; without one, the style sheet follows the system's preference.
try {
  const chosen = localStorage.getItem('sevscope.theme');
  if (chosen === 'light' || chosen === 'dark' || chosen === 'projector')
    document.documentElement.dataset.theme = chosen;
} catch {
  // storage may be forbidden: the style sheet's own default holds
}
