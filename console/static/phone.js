// The telephone of the page Try it. It speaks to the server as a carrier does:
// https://www.twilio.com/docs/voice/media-streams/websocket-messages. The sound is phone_sound.js.
"use strict";
(() => {
  const form = document.getElementById("ring");
  if (!form) return;

  const SOUND = "/static/console/phone_sound.js";
  const FRAME_MS = 20;
  const BACKLOG_BYTES = 100000; // some 6 s that the network is behind: then sound is thrown away
  const SAID_EVERY_MS = 2000;
  const SAID_AFTER = 5; // more looks when the call is over: its last deeds are still being done
  const SESSION_EVERY_MS = 60000; // who speaks uses the page, also without touching it
  const LEVEL_EVERY_MS = 100;
  const KEYS = "123456789*0#";

  const part = (id) => document.getElementById(id);
  const [line, state, problem, said] = ["line", "state", "problem", "said"].map(part);
  const [call, mute, hangUp] = ["call", "mute", "hang-up"].map(part);
  let live = null; // the call that goes on

  // ------------------------------------------------------------------ what can be wrong

  class Trouble extends Error {}

  const MICROPHONE = {
    NotAllowedError: "The microphone was refused. Allow it for this page (in the browser’s address bar), then call again.",
    NotFoundError: "There is no microphone. Connect one, then call again.",
    NotReadableError: "The microphone cannot be had: another program may be using it. Close that, then call again.",
  };
  const INSECURE =
    "This page was opened over plain http from another machine, and browsers then give no microphone. " +
    "Open it over https, or through an SSH tunnel (docs/operate.md).";
  const OLD = "This browser cannot make calls: it has no AudioWorklet. Use a current Firefox, Chrome, Edge or Safari.";
  const UNREACHED = "The server cannot be reached. Check the network, then call again.";
  const REFUSED = "The server refused the call. Load the page again, then call again.";
  const LOST = "The connection was lost, and with it the call. What was said is kept. Call again.";
  const BROKEN = "Something went wrong in the server, and the call has ended. Its log says what.";

  function checkBrowser() {
    if (!window.isSecureContext) throw new Trouble(INSECURE);
    if (!navigator.mediaDevices || !window.AudioWorkletNode) throw new Trouble(OLD);
  }

  async function openMicrophone() {
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (refusal) {
      throw new Trouble(MICROPHONE[refusal.name] || `The microphone cannot be had (${refusal.name}).`);
    }
  }

  // A call's number and the address of its stream. The form carries the session's token.
  async function ring() {
    let answer;
    try {
      const body = new URLSearchParams(new FormData(form));
      answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    } catch {
      throw new Trouble(UNREACHED);
    }
    if (answer.ok) return answer.json();
    throw new Trouble(await words(answer));
  }

  async function words(answer) {
    const text = await answer.text();
    if ((answer.headers.get("content-type") || "").startsWith("application/json")) return JSON.parse(text).problem;
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector("main p")?.textContent || REFUSED;
  }

  // ------------------------------------------------------------------ the line

  // One stream, in a carrier's words.
  class Stream {
    constructor({ call_id, stream_sid, socket }, hears) {
      this.names = { accountSid: "browser", callSid: call_id };
      this.streamSid = stream_sid;
      this.sequence = 0;
      this.chunk = 0;
      this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${socket}`);
      this.socket.onopen = () => this.start();
      this.socket.onmessage = ({ data }) => hears.message(JSON.parse(data));
      this.socket.onclose = ({ code }) => hears.closed(code);
      this.started = false;
    }

    send(event, content) {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      this.sequence += 1;
      const head = { event, sequenceNumber: String(this.sequence), streamSid: this.streamSid };
      this.socket.send(JSON.stringify({ ...head, [event]: content }));
    }

    start() {
      this.socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
      const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
      const rest = { tracks: ["inbound"], mediaFormat, customParameters: {} };
      this.send("start", { streamSid: this.streamSid, ...this.names, ...rest });
      this.started = true;
    }

    frame(mulaw) {
      if (!this.started) return;
      const timestamp = String(this.chunk * FRAME_MS);
      this.chunk += 1;
      if (this.socket.bufferedAmount > BACKLOG_BYTES) return;
      const payload = btoa(String.fromCharCode(...mulaw));
      this.send("media", { track: "inbound", chunk: String(this.chunk), timestamp, payload });
    }

    press(digit) {
      this.send("dtmf", { track: "inbound_track", digit });
    }

    marked(name) {
      this.send("mark", { name });
    }

    stop() {
      this.send("stop", this.names);
      this.socket.close(1000);
    }
  }

  // Microphone and speaker, until `close`.
  class Sound {
    static async open(microphone, tell) {
      const context = new AudioContext({ latencyHint: "interactive" });
      try {
        await context.audioWorklet.addModule(SOUND);
      } catch {
        throw new Trouble(OLD);
      }
      return new Sound(context, microphone, tell);
    }

    constructor(context, microphone, tell) {
      this.context = context;
      this.microphone = microphone;
      const shape = { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1] };
      this.node = new AudioWorkletNode(context, "firstring-handset", shape);
      this.node.port.onmessage = ({ data }) => tell(data);
      context.createMediaStreamSource(microphone).connect(this.node).connect(context.destination);
      this.tell({ latency_s: (context.baseLatency || 0) + (context.outputLatency || 0) });
      context.resume();
    }

    tell(message) {
      this.node.port.postMessage(message);
    }

    close() {
      if (this.context.state !== "closed") this.context.close();
    }
  }

  // ------------------------------------------------------------------ one call

  class Call {
    constructor(microphone) {
      this.microphone = microphone;
      this.over = false;
    }

    async begin() {
      this.sound = await Sound.open(this.microphone, (message) => this.fromSound(message));
      const rung = this.over ? null : await ring();
      if (this.over) return this.sound.close();
      this.id = rung.call_id;
      this.stream = new Stream(rung, {
        message: (message) => this.fromLine(message),
        closed: (code) => this.closed(code),
      });
      this.timers = [
        setInterval(() => showSaid(this.id), SAID_EVERY_MS),
        setInterval(() => fetch("/session").catch(() => {}), SESSION_EVERY_MS),
      ];
      this.microphone.getAudioTracks()[0].onended = () => complain("The microphone is gone. Firstring hears nothing any more.");
    }

    fromSound({ frame, level, mark }) {
      if (mark !== undefined) this.stream?.marked(mark);
      if (!frame) return;
      this.stream?.frame(frame);
      showLevel(level);
    }

    fromLine({ event, media, mark }) {
      if (event === "media") {
        say("On the line.");
        this.sound.tell({ media: Uint8Array.from(atob(media.payload), (letter) => letter.charCodeAt(0)) });
      } else if (event === "mark") this.sound.tell({ mark: mark.name });
      else if (event === "clear") this.sound.tell({ clear: true });
    }

    closed(code) {
      if (this.over) return;
      if (!this.stream.started) complain(REFUSED);
      else if (code === 1000) say("Firstring has ended the call.");
      else complain(code === 1006 ? LOST : BROKEN);
      this.end();
    }

    hangUp() {
      say("You have hung up.");
      this.stream?.stop();
      this.end();
    }

    end() {
      if (this.over) return;
      this.over = true;
      this.timers?.forEach(clearInterval);
      this.sound?.close();
      this.microphone.getTracks().forEach((track) => track.stop());
      if (live === this) live = null;
      showIdle();
      if (this.id) showLater(this.id, SAID_AFTER);
    }
  }

  // ------------------------------------------------------------------ the page

  function say(text) {
    if (state.textContent !== text) state.textContent = text;
  }

  function complain(text) {
    say("");
    problem.textContent = text;
    problem.hidden = false;
  }

  function showIdle() {
    line.hidden = true;
    call.disabled = false;
    if (line.contains(document.activeElement) || document.activeElement === document.body) call.focus();
  }

  function showLive() {
    showMuted(false);
    line.hidden = false;
    hangUp.focus();
  }

  function showMuted(muted) {
    mute.setAttribute("aria-pressed", String(muted));
    mute.textContent = muted ? "Muted: speak again" : "Mute";
  }

  let shownAt_ms = 0;
  function showLevel(level) {
    if (performance.now() - shownAt_ms < LEVEL_EVERY_MS) return;
    shownAt_ms = performance.now();
    part("level").value = Math.max(0, 1 + Math.log10(Math.max(level, 1e-4)) / 3); // -60 dB to 0
  }

  // What was said so far, as the server's own page shows it.
  async function showSaid(id) {
    try {
      const answer = await fetch(`/try/${id}`, { headers: { "X-Refresh": "1" }, redirect: "manual" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("said");
      if (!fresh || fresh.innerHTML === said.innerHTML) return;
      said.replaceChildren(...fresh.childNodes);
    } catch {
      // the next round tries again; a lost call says so itself
    }
  }

  function showLater(id, times) {
    showSaid(id);
    part("whole").href = `/calls/${id}`;
    part("whole").hidden = false;
    if (times > 1 && !live) setTimeout(() => showLater(id, times - 1), SAID_EVERY_MS);
  }

  async function begin() {
    call.disabled = true;
    problem.hidden = true;
    part("whole").hidden = true;
    said.replaceChildren();
    let mine = null;
    try {
      checkBrowser();
      say("Waiting for the microphone…");
      mine = live = new Call(await openMicrophone());
      say("Ringing…");
      showLive();
      await mine.begin();
    } catch (trouble) {
      mine?.end();
      showIdle();
      complain(trouble instanceof Trouble ? trouble.message : `The call could not begin (${trouble.name}).`);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!live) begin();
  });
  hangUp.addEventListener("click", () => live?.hangUp());
  mute.addEventListener("click", () => {
    const muted = mute.getAttribute("aria-pressed") !== "true";
    showMuted(muted);
    live?.sound?.tell({ muted });
  });
  part("keypad").addEventListener("click", ({ target }) => {
    const key = target.closest("button")?.value;
    if (key) live?.stream?.press(key);
  });
  part("keypad").addEventListener("keydown", (event) => {
    if (!KEYS.includes(event.key) || event.key.length !== 1) return;
    live?.stream?.press(event.key);
  });
  addEventListener("pagehide", () => live?.hangUp());
  document.addEventListener("firstring-changed", () => live?.id && showSaid(live.id));
  form.hidden = false;
})();
