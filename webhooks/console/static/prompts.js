// Adds to the page of a prompt: variables by a click, dropped files, progress, and the microphone.
(() => {
  const field = document.getElementById('words');
  document.addEventListener('click', (event) => {
    const mark = event.target.closest('[data-insert]');
    if (!mark || !field) return;
    field.focus();
    field.setRangeText(mark.dataset.insert, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });

  const part = (form, name) => form.querySelector(`.${name}`);
  const tell = (form, what) => { part(form, 'doing').textContent = what ? part(form, 'doing').dataset[what] : ''; };
  const wrong = (form, text) => {
    const place = form.querySelector('.invalid-feedback');
    place.textContent = text;
    form.querySelector('[type=file]').classList.toggle('is-invalid', Boolean(text));
  };
  // What was told of an earlier upload would read as if it were of this one.
  const forget = () => {
    for (const told of document.querySelectorAll('main > .alert[role=status]:not([data-kept])')) told.remove();
  };
  const fits = (form) => {
    const file = form.querySelector('[type=file]').files[0];
    const large = Boolean(file) && file.size > Number(form.dataset.most);
    if (large) forget();
    wrong(form, large ? part(form, 'doing').dataset.large : '');
    return !large;
  };
  const give = (form, file) => {
    const hand = new DataTransfer();
    hand.items.add(file);
    form.querySelector('[type=file]').files = hand.files;
    return fits(form);
  };

  // Files may be dropped beside the field too.
  const dropping = (form) => {
    const area = part(form, 'drop');
    for (const name of ['dragenter', 'dragover']) {
      area.addEventListener(name, (event) => { event.preventDefault(); area.classList.add('over'); });
    }
    for (const name of ['dragleave', 'drop']) area.addEventListener(name, () => area.classList.remove('over'));
    area.addEventListener('drop', (event) => {
      event.preventDefault();
      if (event.dataTransfer.files[0]) give(form, event.dataTransfer.files[0]);
    });
    form.querySelector('[type=file]').addEventListener('change', () => fits(form));
  };

  // How much has been sent; then the server converts, which takes a moment.
  const sending = (form) => {
    const bar = part(form, 'sent');
    form.addEventListener('htmx:confirm', (event) => { if (event.target === form && !fits(form)) event.preventDefault(); });
    form.addEventListener('htmx:beforeRequest', (event) => {
      if (event.target !== form) return;
      forget();
      wrong(form, '');
      bar.hidden = false;
      bar.value = 0;
      tell(form, 'sending');
    });
    form.addEventListener('htmx:xhr:progress', (event) => {
      if (!event.detail.lengthComputable) return;
      bar.value = event.detail.loaded / event.detail.total;
      if (event.detail.loaded === event.detail.total) tell(form, 'converting');
    });
    form.addEventListener('htmx:afterRequest', (event) => {
      if (event.target !== form || event.detail.xhr.getResponseHeader('HX-Redirect')) return;
      bar.hidden = true;
      tell(form, '');
      if (!event.detail.successful) wrong(form, part(form, 'doing').dataset.failed);
    });
  };

  const KINDS = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
  const PLAIN = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

  /** One recording, from the click on the button to the next. */
  class Take {
    constructor(form) { this.form = form; this.parts = []; }

    async start() {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
      const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
      this.recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: 128000 });
      this.recorder.ondataavailable = (event) => this.parts.push(event.data);
      this.done = new Promise((resolve) => { this.recorder.onstop = resolve; });
      this.recorder.start();
      this.began = performance.now();
      this.watch();
    }

    watch() {
      this.context = new AudioContext();
      const ear = this.context.createAnalyser();
      this.context.createMediaStreamSource(this.stream).connect(ear);
      const samples = new Float32Array(ear.fftSize);
      const look = () => {
        if (this.recorder.state !== 'recording') return;
        ear.getFloatTimeDomainData(samples);
        part(this.form, 'level').value = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
        const seconds = Math.floor((performance.now() - this.began) / 1000);
        part(this.form, 'since').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
        if (seconds >= Number(this.form.dataset.longest)) part(this.form, 'record').click();
        else setTimeout(look, 100);
      };
      look();
    }

    async stop() {
      this.recorder.stop();
      await this.done;
      this.stream.getTracks().forEach((track) => track.stop());
      await this.context.close();
      const type = this.recorder.mimeType.split(';')[0];
      return new File(this.parts, `microphone.${type.split('/')[1]}`, { type });
    }
  }

  const recording = (form) => {
    const button = part(form, 'record');
    let take = null;
    const show = (running) => {
      button.classList.toggle('running', running);
      button.textContent = running ? button.dataset.stop : button.dataset.record;
      for (const name of ['level', 'since']) part(form, name).hidden = !running;
      part(form, 'send').disabled = running;
    };
    const begin = async () => {
      const next = new Take(form);
      await next.start();
      take = next;
      show(true);
      tell(form, 'recording');
    };
    const end = async () => {
      const over = take;
      take = null;
      const file = await over.stop();
      show(false);
      if (!give(form, file)) return;
      const player = part(form, 'taken');
      URL.revokeObjectURL(player.src);
      player.src = URL.createObjectURL(file);
      player.hidden = false;
      tell(form, 'taken');
    };
    part(form, 'microphone').hidden = false;
    button.addEventListener('click', async () => {
      button.disabled = true;
      try { await (take ? end() : begin()); } catch { show(false); tell(form, 'refused'); }
      button.disabled = false;
      button.focus();
    });
  };

  const canRecord = Boolean(navigator.mediaDevices?.getUserMedia) && 'MediaRecorder' in window;
  for (const form of document.querySelectorAll('form.upload')) {
    dropping(form);
    sending(form);
    if (canRecord) recording(form);
  }
})();
