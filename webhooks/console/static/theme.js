// Follows the system's dark mode before anything is drawn; without a script the pages are light.
(() => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const follow = () => { document.documentElement.dataset.bsTheme = dark.matches ? 'dark' : 'light'; };
  dark.addEventListener('change', follow);
  follow();
})();
