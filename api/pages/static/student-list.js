import { byId, say } from "./elements.js";

/** The text of a list: UTF-8, or what spreadsheets on Windows write. @param {ArrayBuffer} bytes */
export function listText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Puts a chosen file into the form: it is sent as text, as if it were pasted. */
function offerFiles() {
  const file = byId("file", HTMLInputElement);
  const list = byId("students", HTMLTextAreaElement);
  byId("file-field", HTMLElement).hidden = false;
  const offer = async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    list.value = listText(await chosen.arrayBuffer());
    say(byId("file-said", HTMLElement), `${chosen.name} stands below. Nothing was sent yet.`);
  };
  file.addEventListener("change", offer);
  // A file may be there already: a browser keeps what was chosen over a reload.
  if (!list.value) void offer();
}

if (globalThis.document?.getElementById("import")) offerFiles();
