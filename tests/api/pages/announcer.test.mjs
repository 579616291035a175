import assert from "node:assert/strict";
import test from "node:test";
import { Announcer } from "../../../api/pages/static/announcer.js";

test("words come with measure, the newest ones only, and never twice in a row", ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const pass = (/** @type {number} */ milliseconds) => {
    now += milliseconds;
    mock.timers.tick(milliseconds);
  };
  const said = [];
  const element = {
    text: "",
    get textContent() {
      return this.text;
    },
    set textContent(text) {
      this.text = text;
      said.push(text);
    },
  };
  const announcer = new Announcer(element, () => now);
  announcer.say("Move closer.");
  pass(1);
  announcer.say("Move back.");
  announcer.say("It is too dark.");
  pass(2000);
  assert.deepEqual(said, ["Move closer."]);
  pass(3000);
  assert.deepEqual(said, ["Move closer.", "It is too dark."]);
  announcer.say("It is too dark.");
  pass(10_000);
  assert.deepEqual(said, ["Move closer.", "It is too dark."]);
});
