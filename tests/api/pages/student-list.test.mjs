import assert from "node:assert/strict";
import test from "node:test";
import { listText } from "../../../api/pages/static/student-list.js";

test("a list is read as UTF-8, and as what spreadsheets on Windows write", () => {
  const line = "name,login\nJörg Müller,joerg";
  assert.equal(listText(new TextEncoder().encode(line).buffer), line);
  const windows = Uint8Array.from(line, (letter) => letter.charCodeAt(0));
  assert.equal(listText(windows.buffer), line);
});
