// On a telephone the menu is folded until its button is pressed; without scripts it is never folded.
(() => {
  const fold = document.querySelector('.nav-fold');
  const menu = document.getElementById('menu');
  if (!fold || !menu) return;
  fold.addEventListener('click', () => {
    const open = menu.classList.toggle('open');
    fold.setAttribute('aria-expanded', String(open));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.classList.contains('open')) return;
    menu.classList.remove('open');
    fold.setAttribute('aria-expanded', 'false');
    fold.focus();
  });
})();
