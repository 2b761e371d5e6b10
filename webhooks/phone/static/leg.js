// Drives one leg of a call: carries out the verbs of a reply and reports what came of them.

import { Recorder, Stopped, beep, pause, play } from './sound.js';
import { say } from './words.js';

export class HungUp extends Error {}

/** Sends JSON and returns JSON; raises with the server's own words. */
export async function post(address, body) {
  return answerOf(await fetch(address, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  }));
}

export async function answerOf(response) {
  const answer = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export class Leg {
  constructor(handset, { onReply, onDial }) {
    this.handset = handset;
    this.onReply = onReply;
    this.onDial = onDial;
    this.keys = [];
    this.gone = new AbortController();
  }

  press(key) {
    this.keys.push(key);
    this.wakeUp?.();
  }

  hangUp() { this.gone.abort(); }

  /** Play a reply and all that follow it; returns the last reply. */
  async run(reply) {
    for (;;) {
      this.onReply(reply);
      const next = await this.perform(reply);
      if (next === null) return reply;
      reply = next;
    }
  }

  async perform(reply) {
    try {
      for (const verb of reply.verbs) {
        const event = await this.carryOut(verb, reply);
        if (event) return await this.report(reply, event);
      }
      return null;
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return reply.over ? null : this.report(reply, { event: 'hangup' });
    }
  }

  async carryOut(verb, reply) {
    const signal = this.gone.signal;
    switch (verb.verb) {
      case 'Play':
        await this.hear(verb.prompts, signal);
        return null;
      case 'Announce': {
        const started = performance.now();
        await this.hear(verb.prompts, signal);
        const seconds = (performance.now() - started) / 1000;
        return { event: 'played', complete: true, seconds };
      }
      case 'Gather': return this.gather(verb, reply);
      case 'Record': return this.record(verb);
      case 'Dial': return this.onDial(verb, signal);
      default: return null;
    }
  }

  async hear(prompts, signal) {
    for (const prompt of prompts) {
      this.handset.hear(prompt);
      await play(prompt, signal);
    }
  }

  /** Keys interrupt the prompts; the time to wait starts when they are over. */
  async gather(verb) {
    const started = performance.now();
    const since = () => (performance.now() - started) / 1000;
    this.keys.length = 0;
    const digits = [];
    const wait = async (promise) => {
      if (await promise === 'key') digits.push(...this.keys.splice(0));
    };
    await wait(this.untilKey((signal) => this.hear(verb.prompts, signal)));
    while (digits.length < verb.max_digits && !digits.includes(verb.finish_key)) {
      let seconds = digits.length ? verb.digit_timeout : verb.timeout;
      if (verb.not_before !== null) seconds = Math.max(seconds, verb.not_before - since());
      if (verb.until !== null) seconds = Math.max(1, verb.until - since());
      this.show(verb, digits);
      const before = digits.length;
      await wait(this.untilKey((signal) => pause(seconds, signal)));
      if (digits.length === before) break;
    }
    const entered = digits.slice(0, verb.max_digits).filter((key) => key !== verb.finish_key).join('');
    this.show(verb, [...entered]);
    return entered ? { event: 'digits', digits: entered } : { event: 'timeout' };
  }

  show(verb, digits) {
    this.handset.show(digits.length ? digits.map((key) => (verb.secret ? '•' : key)).join('') : say('your_turn'));
  }

  /** Runs something until it ends, a key is pressed ('key') or the caller hangs up. */
  async untilKey(action) {
    const stop = new AbortController();
    const onGone = () => stop.abort();
    this.gone.signal.addEventListener('abort', onGone, { once: true });
    this.wakeUp = () => stop.abort();
    try {
      if (this.keys.length) return 'key';
      await action(stop.signal);
      return 'end';
    } catch (error) {
      if (!(error instanceof Stopped) || this.gone.signal.aborted) throw error;
      return 'key';
    } finally {
      this.wakeUp = null;
      this.gone.signal.removeEventListener('abort', onGone);
    }
  }

  async record(verb) {
    await this.hear(verb.prompts, this.gone.signal);
    await beep(this.gone.signal);
    const recorder = new Recorder();
    this.keys.length = 0;
    await recorder.start();
    this.handset.show(recorder.substitute
      ? say('no_microphone') : say('recording'));
    let endedBy = 'limit';
    try {
      const end = performance.now() + verb.max_seconds * 1000;
      while (performance.now() < end) {
        const left = (end - performance.now()) / 1000;
        if (await this.untilKey((signal) => pause(left, signal)) === 'end') break;
        if (this.keys.splice(0).includes(verb.finish_key)) { endedBy = 'key'; break; }
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      endedBy = 'hangup';
    }
    return { event: 'message', sound: await recorder.stop(), endedBy };
  }

  async report(reply, event) {
    const address = `/phone/legs/${reply.leg}/turns/${reply.turn}`;
    if (event.event !== 'message') return post(address, event);
    return answerOf(await fetch(`${address}/message?ended_by=${event.endedBy}`, {
      method: 'POST', headers: { 'Content-Type': 'audio/wav' }, body: event.sound,
    }));
  }
}
