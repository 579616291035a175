import { byId, say } from "./elements.js";

/** Two digits. @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/** What a datetime-local field shows for a moment. @param {Date} at */
function localValue(at) {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Lets people type their own time; the server is told UTC. @param {HTMLFormElement} form */
function useLocalTime(form) {
  say(byId("zone", HTMLElement), `in your time (${Intl.DateTimeFormat().resolvedOptions().timeZone})`);
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('input[type="datetime-local"]'));
  for (const field of fields) {
    // What came back with an error was UTC.
    const sent = field.getAttribute("value");
    if (sent) field.value = localValue(new Date(sent.endsWith("Z") ? sent : `${sent}Z`));
  }
  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of fields) if (value) formData.set(name, new Date(value).toISOString());
  });
}

const form = document.getElementById("exam-form");
if (form instanceof HTMLFormElement) useLocalTime(form);
