// Playing prompts, waiting, and recording a message with the microphone.

const settings = { muted: false };
export function setMuted(muted) { settings.muted = muted; }

export class Stopped extends Error {}

/** Wait for seconds; rejects with Stopped when the signal is aborted. */
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(new Stopped()); return; }
    const timer = setTimeout(done, seconds * 1000);
    function done() { signal.removeEventListener('abort', stop); resolve(); }
    function stop() { clearTimeout(timer); reject(new Stopped()); }
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Play one prompt to its end; without sound it takes a moment only. */
export async function play(prompt, signal) {
  if (settings.muted) { await pause(0.15, signal); return; }
  for (const address of prompt.sounds) await playSound(address, prompt.seconds, signal);
}

function playSound(address, seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(new Stopped()); return; }
    const audio = new Audio(address);
    const guard = setTimeout(finish, (seconds + 3) * 1000);
    function finish() { cleanUp(); resolve(); }
    function stop() { cleanUp(); reject(new Stopped()); }
    function cleanUp() {
      clearTimeout(guard);
      audio.onended = audio.onerror = null;
      audio.pause();
      signal.removeEventListener('abort', stop);
    }
    audio.onended = finish;
    audio.onerror = finish;
    signal.addEventListener('abort', stop, { once: true });
    audio.play().catch(finish);
  });
}

/** A short tone, as before a recording. */
export async function beep(signal) {
  if (settings.muted) return;
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.frequency.value = 1000;
  tone.connect(context.destination);
  tone.start();
  await pause(0.3, signal);
  await context.close();
}

const RATE = 8000;

/** Records until stop() is called. Without a microphone a soft tone takes the message's place. */
export class Recorder {
  async start() {
    this.context = new AudioContext();
    this.parts = [];
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.source = this.context.createMediaStreamSource(this.stream);
      this.substitute = false;
    } catch {
      this.source = this.context.createOscillator();
      this.source.frequency.value = 330;
      this.source.start();
      this.substitute = true;
    }
    await this.context.audioWorklet.addModule(new URL('recorder.js', import.meta.url));
    this.tap = new AudioWorkletNode(this.context, 'tap', { numberOfOutputs: 0 });
    this.tap.port.onmessage = (message) => this.parts.push(message.data);
    this.source.connect(this.tap);
    await this.context.resume();
  }

  /** The message as WAV: mono, 16 bit, 8 kHz. */
  async stop() {
    this.source.disconnect();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    const rate = this.context.sampleRate;
    await this.context.close();
    const length = this.parts.reduce((sum, part) => sum + part.length, 0);
    if (length === 0) return wav(new Float32Array(0));
    const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil((length * RATE) / rate)), RATE);
    const buffer = offline.createBuffer(1, length, rate);
    let at = 0;
    for (const part of this.parts) { buffer.copyToChannel(part, 0, at); at += part.length; }
    const player = offline.createBufferSource();
    player.buffer = buffer;
    player.connect(offline.destination);
    player.start();
    return wav((await offline.startRendering()).getChannelData(0));
  }
}

function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, 'RIFF'); view.setUint32(4, 36 + samples.length * 2, true); text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true); view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, 'data'); view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Blob([view], { type: 'audio/wav' });
}
