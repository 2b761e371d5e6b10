// Adds to pages that work without it: kept forms are filled in again, and "/" leads to the search.
(() => {
  const fill = (form, pairs) => {
    const seen = {};
    for (const [name, value] of pairs) {
      const fields = [...form.elements].filter((each) => each.name === name);
      const nth = seen[name] = (seen[name] ?? -1) + 1;
      const choice = fields.find((each) => ['radio', 'checkbox'].includes(each.type));
      if (choice) {
        fields.filter((each) => each.value === value).forEach((each) => { each.checked = true; });
      } else if (fields[nth] && fields[nth].type !== 'hidden') {
        fields[nth].value = value;
      }
    }
  };
  for (const kept of document.querySelectorAll('[data-kept]')) {
    for (const form of document.forms) {
      const action = new URL(form.getAttribute('hx-post') ?? form.action, location.href);
      if (action.pathname === kept.dataset.keptTarget) fill(form, JSON.parse(kept.dataset.kept));
    }
  }
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    const search = document.querySelector('[data-search]');
    if (event.key !== '/' || typing || !search || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
})();
