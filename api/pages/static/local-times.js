import { pageLanguage } from "./i18n.js";

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMS = {
  full: { dateStyle: "medium", timeStyle: "short" },
  time: { timeStyle: "medium" },
  exact: { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1, hourCycle: "h23" },
};

/** Shows every moment, written in UTC by the server, in the reader's own zone. @param {ParentNode} whole */
export function showLocalTimes(whole) {
  for (const time of whole.querySelectorAll("time[data-form]")) {
    if (!(time instanceof HTMLTimeElement)) continue;
    const moment = new Date(time.dateTime);
    time.title = `${time.dateTime.slice(0, 23).replace("T", " ")} UTC`;
    time.textContent = new Intl.DateTimeFormat(pageLanguage(), FORMS[time.dataset.form ?? "full"]).format(moment);
  }
}

showLocalTimes(document);
