// One telephone on the page: display, what is heard, keys, two buttons.

const KEYS = '123456789*0#';

export class Handset {
  constructor(element, { onKey }) {
    this.element = element;
    this.display = element.querySelector('.display');
    this.speech = element.querySelector('.speech');
    for (const key of KEYS) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = key;
      button.dataset.key = key;
      button.addEventListener('click', () => onKey(key));
      element.querySelector('.keys').append(button);
    }
  }

  button(name) { return this.element.querySelector(`[data-do=${name}]`); }

  on(name, action) { this.button(name).addEventListener('click', action); }

  enable(buttons) {
    for (const button of this.element.querySelectorAll('[data-do]')) {
      button.disabled = !buttons.includes(button.dataset.do);
    }
  }

  show(text) { this.display.textContent = text; }

  ringing(on) { this.element.classList.toggle('ringing', on); }

  /** Write what is being heard, the earlier words faded. */
  hear(prompt) {
    for (const earlier of this.speech.children) earlier.className = 'past';
    const words = document.createElement('span');
    words.lang = prompt.language;
    words.textContent = `${prompt.text} `;
    this.speech.append(words);
    words.scrollIntoView({ block: 'nearest' });
  }

  silence() { this.speech.replaceChildren(); }
}
