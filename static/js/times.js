// Writes every <time> in the browser's own zone, with the zone named; the server's text says UTC and stays without scripts.

const exact = new Intl.DateTimeFormat(document.documentElement.lang, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short", hourCycle: "h23",
});
const toTheSecond = new Intl.DateTimeFormat(document.documentElement.lang, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short", hourCycle: "h23",
});
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

function ago(moment) {
  let distance = (moment - Date.now()) / 1000;
  if (Math.abs(distance) < 5) return "just now";
  for (const [unit, size] of STEPS) {
    if (Math.abs(distance) < size) return relative.format(Math.trunc(distance), unit);
    distance /= size;
  }
  return "";
}

function write(root) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const words = element.dataset.time === "exact" ? exact.format(moment) : ago(moment);
    if (element.textContent !== words) element.textContent = words;
    element.title = toTheSecond.format(moment);
  }
}

write(document);
// Before the browser paints what a fragment brought, so that no time flickers between two zones.
document.addEventListener("htmx:afterSwap", () => write(document));
setInterval(() => write(document), 10_000);
