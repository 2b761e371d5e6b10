// What happens, as it happens: steps, consent, ticket, what would be mailed.

import { say } from './words.js';

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
  card('#consent', record.consents.length > 0, say('consent'), () => record.consents.map(consent), record.consents);
  card('#ticket', record.ticket, say('ticket', { number: record.ticket?.number }), () => ticket(record), playable(record.ticket));
  card('#mails', record.mails.length > 0, say('mails'), () => record.mails.map(mail), record.mails);
  document.body.dataset.result = record.result ?? '';
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function step(entry) {
  const line = element('li', undefined, entry.flow === 'technician_leg' ? 'leg' : '');
  const what = element('div');
  const keys = entry.digits ? ` ${entry.digits}` : '';
  what.append(`${entry.told.event}${keys} → ${entry.told.next}`);
  if (entry.told.did.length) what.append(element('small', entry.told.did.join(', ')));
  line.append(element('time', entry.at), what);
  return line;
}

const drawn = new Map();

/** Draws a card anew only when what it says has changed: a player that somebody listens to stays. */
function card(selector, wanted, title, parts, said) {
  const place = $(selector);
  const now = JSON.stringify([title, said]);
  place.hidden = !wanted;
  if (wanted && drawn.get(selector) !== now) place.replaceChildren(element('h3', title), ...parts());
  drawn.set(selector, wanted ? now : null);
}

/** What of a ticket, once shown, may change; its addresses are signed anew each time. */
function playable(shown) {
  return shown && [shown.number, shown.kind_name, shown.messages.map((message) => message.seconds)];
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
    [say('heard'), `${entry.heard_from} – ${entry.heard_until} (${entry.language})`],
    entry.key ? [say('pressed'), `${entry.key} (${entry.pressed_at})`] : [say('agreed'), entry.pressed_at],
    [say('words'), entry.text],
    ['SHA-256', `${entry.digest}…`],
  ]);
}

function ticket(record) {
  const { kind_name: kindName, customer, location, page, messages } = record.ticket;
  const link = element('a', say('open_ticket'));
  link.href = page;
  const players = messages.map((message) => {
    const player = element('audio');
    player.controls = true;
    player.preload = 'metadata';
    player.src = message.sound;
    player.setAttribute('aria-label', say('message', { seconds: message.seconds }));
    return player;
  });
  return [facts([[say('kind'), kindName], [say('customer'), customer], [say('location'), location]]), ...players, link];
}

function mail(entry) {
  const box = element('div');
  box.append(facts([[say('to'), entry.to], [say('subject'), entry.subject]]), element('pre', entry.body));
  return box;
}
