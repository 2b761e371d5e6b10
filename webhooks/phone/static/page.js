// The page: two handsets, one call at a time, and the record of it beside them.

import { Handset } from './handset.js';
import { Leg, post } from './leg.js';
import { showRecord } from './record.js';
import { Stopped, pause, setMuted } from './sound.js';
import { say } from './words.js';

const $ = (selector) => document.querySelector(selector);
const caller = new Handset($('#caller'), { onKey: (key) => callerLeg?.press(key) });
const rung = new Handset($('#rung'), { onKey: (key) => rungLeg?.press(key) });
let callerLeg = null;
let rungLeg = null;
let ringing = null;

function chosenNumber() { return $('#customer').value || $('#other').value.trim() || 'anonymous'; }

async function call() {
  if (callerLeg) return;
  document.activeElement?.blur(); // from now on the keyboard is the customer's
  setMuted($('#muted').checked);
  caller.silence();
  rung.silence();
  callerLeg = new Leg(caller, { onReply: shown, onDial: dial });
  caller.enable(['end']);
  caller.show(say('calling'));
  try {
    const series = $('#setup').dataset.series;
    const first = await post('/phone/calls', { from: chosenNumber(), at: $('#at').value, series });
    caller.show(say('connected'));
    await callerLeg.run(first);
    caller.show(say('over'));
  } catch (error) {
    caller.show(say('wrong', { error: error.message }));
  } finally {
    callerLeg = null;
    if (!rungLeg) quiet();
    caller.enable(['call']);
    await showRecord.again();
  }
}

function shown(reply) {
  $('#clock').textContent = reply.clock.slice(0, 19).replace('T', ' ');
  document.body.dataset.state = reply.state;
  showRecord(reply.call);
}

/** Ring the second handset, leg by leg; the first that is connected ends the ringing. */
async function dial(verb, signal) {
  const legs = {};
  for (const leg of verb.legs) {
    caller.show(say('rings_at', { name: leg.name }));
    const outcome = await ringOne(leg, signal);
    legs[leg.attempt] = outcome.status;
    if (outcome.connected) {
      const seconds = await bridge(leg, signal);
      return { event: 'dial', status: 'answered', seconds, legs };
    }
  }
  return { event: 'dial', status: Object.values(legs).at(-1) ?? 'failed', legs };
}

async function ringOne(leg, signal) {
  $('#rung .who').textContent = `${leg.name} (${leg.number})`;
  rung.silence();
  rung.show(say('rings'));
  rung.ringing(true);
  rung.enable(['answer', 'end']);
  rung.button('end').textContent = say('refuse');
  const choice = await chosen(leg.ring_seconds, signal);
  rung.ringing(false);
  if (choice !== 'answered') {
    quiet();
    return { status: choice, connected: false };
  }
  return { status: 'answered', connected: await answered(leg, signal) };
}

/** What the second handset does while it rings. */
async function chosen(seconds, signal) {
  const stop = new AbortController();
  const onGone = () => stop.abort();
  signal.addEventListener('abort', onGone, { once: true });
  let choice = 'no_answer';
  ringing = (what) => { choice = what; stop.abort(); };
  try {
    await pause(seconds, stop.signal);
  } catch (error) {
    if (signal.aborted) { quiet(); throw error; }
  } finally {
    ringing = null;
    signal.removeEventListener('abort', onGone);
  }
  return choice;
}

/** The screening of the answered telephone; true if it was connected. It outlives the caller. */
async function answered(leg, signal) {
  rung.enable(['end']);
  rung.button('end').textContent = say('hang_up');
  rung.show(say('answered'));
  rungLeg = new Leg(rung, { onReply: () => showRecord.again() });
  const first = await post(`/phone/attempts/${leg.attempt}/answer`, {});
  const last = await Promise.race([screening(rungLeg, first), aborted(signal)]);
  return last.verbs.some((verb) => verb.verb === 'Connect');
}

async function screening(leg, first) {
  const last = await leg.run(first);
  if (!last.verbs.some((verb) => verb.verb === 'Connect')) quiet();
  return last;
}

function aborted(signal) {
  return new Promise((_, reject) => {
    const stop = () => reject(new Stopped());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Both are talking until one of them hangs up; seconds of the talk. */
async function bridge(leg, signal) {
  const started = performance.now();
  caller.show(say('connected_with', { name: leg.name }));
  rung.show(say('connected_customer'));
  document.body.dataset.bridged = leg.attempt;
  const onGone = () => rungLeg?.hangUp();
  signal.addEventListener('abort', onGone, { once: true });
  try {
    await pause(3600, rungLeg.gone.signal);
  } catch (error) {
    if (signal.aborted) throw error;
  } finally {
    delete document.body.dataset.bridged;
    signal.removeEventListener('abort', onGone);
    quiet();
  }
  return Math.round((performance.now() - started) / 1000);
}

function quiet() {
  rungLeg = null;
  rung.ringing(false);
  rung.show(say('quiet'));
  rung.enable([]);
}

caller.on('call', call);
caller.on('end', () => callerLeg?.hangUp());
rung.on('answer', () => ringing?.('answered'));
rung.on('end', () => (ringing ? ringing('busy') : rungLeg?.hangUp()));
$('#setup').addEventListener('submit', (event) => event.preventDefault());
$('#muted').addEventListener('change', () => setMuted($('#muted').checked));
$('#customer').addEventListener('change', () => { $('#other-label').hidden = $('#customer').value !== ''; });
window.addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof Stopped) event.preventDefault();
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches('input, select')) {
    if (event.key === 'Enter') { event.preventDefault(); call(); }
    return;
  }
  const digit = event.code.match(/^(?:Digit|Numpad)(\d)$/)?.[1];
  if (event.key === 'Escape') callerLeg?.hangUp();
  else if (event.key === 'a') ringing?.('answered');
  else if (event.key === 'Enter' && !event.target.matches('button')) call();
  else if (digit && event.shiftKey) rungLeg?.press(digit);
  else if (/^[0-9*#]$/.test(event.key)) callerLeg?.press(event.key);
});
