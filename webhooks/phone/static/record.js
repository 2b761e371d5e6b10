// What happens, as it happens: steps, consent, ticket, what would be mailed.

const $ = (selector) => document.querySelector(selector);
let callId = null;
let running = Promise.resolve();

/** Fetch the record of a call and show it; requests follow one another. */
export function showRecord(id) {
  callId = id;
  return showRecord.again();
}

showRecord.again = () => {
  running = running.then(refresh).catch(() => {});
  return running;
};

async function refresh() {
  if (!callId) return;
  const response = await fetch(`/phone/calls/${callId}`);
  if (response.ok) draw(await response.json());
}

function draw(record) {
  const steps = $('#steps');
  steps.replaceChildren(...record.steps.map(step));
  steps.lastElementChild?.scrollIntoView({ block: 'nearest' });
  card('#consent', record.consents.length > 0, 'Consent', () => record.consents.map(consent));
  card('#ticket', record.ticket, `Ticket ${record.ticket?.number}`, () => ticket(record));
  card('#mails', record.mails.length > 0, 'Would be mailed', () => record.mails.map(mail));
  document.body.dataset.result = record.result ?? '';
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const words = (name) => name.replaceAll('_', ' ');
const spaced = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function step(entry) {
  const line = element('li', undefined, entry.flow === 'technician_leg' ? 'leg' : '');
  const what = element('div');
  const keys = entry.digits ? ` ${entry.digits}` : '';
  what.append(`${spaced(entry.event)}${keys} → ${words(entry.next)}`);
  if (entry.did.length) what.append(element('small', entry.did.map(spaced).join(', ')));
  line.append(element('time', entry.at), what);
  return line;
}

function card(selector, wanted, title, parts) {
  const place = $(selector);
  place.hidden = !wanted;
  if (wanted) place.replaceChildren(element('h3', title), ...parts());
}

function facts(pairs) {
  const list = element('dl');
  for (const [name, value] of pairs) {
    if (value) list.append(element('dt', name), element('dd', String(value)));
  }
  return list;
}

function consent(entry) {
  return facts([
    ['Heard', `${entry.heard_from} to ${entry.heard_until} (${entry.language})`],
    ['Pressed', `${entry.key} at ${entry.pressed_at}`],
    ['Words', entry.text],
    ['SHA-256', `${entry.digest}…`],
  ]);
}

function ticket(record) {
  const { kind, customer, location, page, messages } = record.ticket;
  const link = element('a', 'Open the page of the ticket');
  link.href = page;
  const players = messages.map((message) => {
    const player = element('audio');
    player.controls = true;
    player.preload = 'metadata';
    player.src = message.sound;
    player.setAttribute('aria-label', `Message of ${message.seconds} seconds`);
    return player;
  });
  return [facts([['Kind', words(kind)], ['Customer', customer], ['Location', location]]), ...players, link];
}

function mail(entry) {
  const box = element('div');
  box.append(facts([['To', entry.to], ['Subject', entry.subject]]), element('pre', entry.body));
  return box;
}
