import { Announcer } from "./announcer.js";

/** Milliseconds between two sounds: twenty incidents at once are one alarm. */
const SOUND_PAUSE = 3000;

const KEY = "face-monitor-wall-sound";

/** Tells of new incidents to those who do not look at the page: in words for screen readers, and with a sound on demand. */
export class Alarm {
  #announcer;
  #button;
  #words;
  #soundedAt = -Infinity;
  /** @type {AudioContext|null} */
  #audio = null;

  /** @param {HTMLElement} region live @param {HTMLButtonElement} button switches the sound @param {(incident: any) => string} words */
  constructor(region, button, words) {
    this.#announcer = new Announcer(region);
    this.#button = button;
    this.#words = words;
    this.#show(localStorage.getItem(KEY) === "on");
    button.addEventListener("click", () => this.#switch());
    // Browsers let a page sound only once somebody has touched it.
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.#isOn && this.#wake());
  }

  get #isOn() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  /** @param {any[]} fresh incidents that were not known @param {number} openCount of all that go on */
  tell(fresh, openCount) {
    if (!fresh.length) return;
    const newest = fresh[fresh.length - 1];
    const others = fresh.length > 1 ? ` and ${fresh.length - 1} more` : "";
    this.#announcer.say(`New incident: ${this.#words(newest)}${others}. ${openCount} open in all.`);
    if (this.#isOn && performance.now() - this.#soundedAt > SOUND_PAUSE) this.#sound();
  }

  #switch() {
    const isOn = !this.#isOn;
    localStorage.setItem(KEY, isOn ? "on" : "off");
    this.#show(isOn);
    if (!isOn) return;
    this.#wake();
    this.#sound();
  }

  /** @param {boolean} isOn */
  #show(isOn) {
    this.#button.setAttribute("aria-pressed", String(isOn));
  }

  #wake() {
    this.#audio ??= new AudioContext();
    if (this.#audio.state === "suspended") this.#audio.resume().catch(() => {});
  }

  /** Two short rising tones. */
  #sound() {
    this.#soundedAt = performance.now();
    if (this.#audio?.state !== "running" && !navigator.userActivation?.hasBeenActive) return;
    this.#wake();
    const audio = /** @type {AudioContext} */ (this.#audio);
    [660, 880].forEach((frequency, place) => {
      const tone = new OscillatorNode(audio, { frequency });
      const loudness = new GainNode(audio, { gain: 0 });
      const at = audio.currentTime + place * 0.18;
      loudness.gain.setTargetAtTime(0.2, at, 0.01);
      loudness.gain.setTargetAtTime(0, at + 0.12, 0.02);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.3);
    });
  }
}
