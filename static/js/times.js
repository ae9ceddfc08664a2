// Writes every <time> in the browser's own zone, with the zone named; the server's text says UTC and stays without scripts.

// The words of the pages are English, and the server writes "21 Nov 2026, 10:15 UTC": the same order here.
const FORM = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const toTheMinute = new Intl.DateTimeFormat("en-GB", FORM);
const toTheSecond = new Intl.DateTimeFormat("en-GB", { ...FORM, second: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
const UNITS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

function distance(moment) {
  let amount = (moment - Date.now()) / 1000;
  if (Math.abs(amount) < 5) return "just now";
  for (const [unit, size] of UNITS) {
    if (Math.abs(amount) < size) return relative.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return "";
}

function writeTimes() {
  for (const element of document.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const words = element.dataset.time === "exact" ? toTheMinute.format(moment) : distance(moment);
    if (element.textContent !== words) element.textContent = words;
    element.title = toTheSecond.format(moment);
  }
}

writeTimes();
// Before the browser paints what a fragment brought, so that no time flickers between two zones.
document.addEventListener("htmx:afterSwap", writeTimes);
setInterval(writeTimes, 10_000);
