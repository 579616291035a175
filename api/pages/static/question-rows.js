import { byId } from "./elements.js";

/**
 * A new, empty row after the last one. Without a script the button asks the server for it.
 * @param {HTMLElement} rows
 */
function addRow(rows) {
  const last = rows.lastElementChild;
  if (!(last instanceof HTMLElement)) throw new TypeError("There is no row to go by.");
  const index = rows.childElementCount;
  const row = /** @type {HTMLElement} */ (last.cloneNode(true));
  row.querySelector(".field-error")?.remove();
  for (const field of row.querySelectorAll("input, textarea")) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (field instanceof HTMLTextAreaElement) {
      field.id = `choice-${index}`;
      field.value = "";
    } else if (field.type === "hidden") {
      field.value = "";
    } else {
      field.id = `right-${index}`;
      field.value = String(index);
      field.checked = false;
    }
  }
  const [mark, text] = row.querySelectorAll("label");
  mark.htmlFor = `right-${index}`;
  text.htmlFor = `choice-${index}`;
  text.textContent = `Choice ${index + 1}`;
  rows.append(row);
  row.querySelector("textarea")?.focus();
}

const button = document.getElementById("add-row");
if (button instanceof HTMLButtonElement) {
  const rows = byId("choice-rows", HTMLElement);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    addRow(rows);
    button.hidden = rows.childElementCount >= Number(rows.dataset.max);
  });
}
