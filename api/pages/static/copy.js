import { byId, say } from "./elements.js";

/** Copies the text that the button names. @param {HTMLButtonElement} button */
function offerCopy(button) {
  const text = byId(button.dataset.copy ?? "", HTMLElement).textContent ?? "";
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    say(byId("copied", HTMLElement), "Copied.");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 2000);
  });
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (button instanceof HTMLButtonElement) offerCopy(button);
  }
}
