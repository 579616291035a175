import assert from "node:assert/strict";
import test from "node:test";
import { nextPose, POSES_MAX, promptWords } from "../../../api/pages/static/poses.js";

test("each picture is asked for with a pose of its own", () => {
  const taken = [];
  for (let count = 0; count < POSES_MAX; count += 1) taken.push(nextPose(taken));
  assert.deepEqual(taken, [0, 1, 2, 3, 4]);
  assert.equal(nextPose(taken), null);
});

test("the pose of a removed picture is asked for again", () => {
  assert.equal(nextPose([0, 2]), 1);
});

test("files have no pose and take none away", () => {
  assert.equal(nextPose([null, null]), 0);
});

test("the prompt counts to three, then offers more, then says that it is enough", () => {
  assert.match(promptWords({ pose: 1, count: 1, again: null }), /^Picture 2 of 3: .*left/);
  assert.match(promptWords({ pose: 3, count: 3, again: null }), /^Enough to send/);
  assert.match(promptWords({ pose: null, count: 5, again: null }), /^That is enough/);
});

test("a picture that is taken again keeps its number and pose", () => {
  assert.match(promptWords({ pose: 2, count: 3, again: 3 }), /^Picture 3 again: .*right/);
});
