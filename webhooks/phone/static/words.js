// The page's texts in its language, which the server wrote into it.

const texts = JSON.parse(document.querySelector('#words').textContent);

/** The text of a name, with its places filled. */
export function say(name, values = {}) {
  const text = texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, place) => values[place] ?? whole);
}
