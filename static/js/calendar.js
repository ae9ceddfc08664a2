// The calendar: a post is dragged to another day or quarter of an hour, or picked up and carried there by the arrow
// keys; *Move…* opens its form in a dialog. The server moves it, and answers with the calendar as it is then.

const LIFT_PX = 5;
const EDGE_PX = 64;
const STEP_PX = 14;

const calendar = () => document.getElementById("calendar");
const dialog = document.getElementById("calendar-dialog");
const isWeek = () => calendar().dataset.view === "week";

function announce(words) {
  document.getElementById("calendar-said").textContent = words;
}

// --- Places: a day in the month, a quarter of an hour in the week ----------------------------------------------

const placeOf = ({ dataset }) => ({ day: dataset.day, time: dataset.time, fold: dataset.fold });
const isSame = (one, other) => one.day === other.day && one.time === other.time && one.fold === other.fold;
const dayElement = (day) => document.getElementById(`day-${day}`);

function nameOf({ day, time, fold }) {
  return `${dayElement(day)?.dataset.name ?? day}, ${time}${isWeek() && fold === "1" ? " again" : ""}`;
}

function elementOf({ day, time, fold }) {
  if (!isWeek()) return dayElement(day);
  const hour = time.slice(0, 2);
  return dayElement(day)?.querySelector(`[data-slot][data-hour="${hour}"][data-fold="${fold}"]`) ?? dayElement(day);
}

/** Every quarter of an hour that a day of the week has, in order. */
function quartersOf(day) {
  return [...(dayElement(day)?.querySelectorAll("[data-slot]") ?? [])].flatMap(({ dataset }) =>
    dataset.minutes.split(" ").map((minute) => ({
      day,
      time: `${dataset.hour}:${minute.padStart(2, "0")}`,
      fold: dataset.fold,
    })),
  );
}

let shown = null;

function show(place) {
  if (shown) {
    delete shown.dataset.target;
  }
  shown = place && elementOf(place);
  if (shown) shown.dataset.target = isWeek() ? `${place.time}` : "";
}

// --- The move ---------------------------------------------------------------------------------------------------

function send(slip, place) {
  slip.dataset.lifted = "";
  calendar().setAttribute("aria-busy", "true");
  const values = { ...place, zone: calendar().dataset.zone, was: slip.dataset.was };
  // In the month a day is chosen, and the hour comes along; where clocks show it twice there, the server asks.
  if (!isWeek()) delete values.fold;
  htmx.ajax("POST", slip.dataset.move, { source: slip, target: "#calendar", swap: "morph:outerHTML", values });
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status !== 422 || !["calendar", "calendar-move"].includes(detail.target.id)) return;
  // A refusal says why; it takes the place of what was asked.
  detail.shouldSwap = true;
  detail.isError = false;
});

document.addEventListener("htmx:afterRequest", () => {
  calendar()?.removeAttribute("aria-busy");
  for (const slip of document.querySelectorAll("[data-lifted]")) delete slip.dataset.lifted;
});

document.addEventListener("calendar:moved", ({ detail }) => {
  if (dialog?.open) dialog.close();
  announce(document.querySelector("#calendar > .notice .notice__title")?.textContent ?? "");
  (document.getElementById(`grip-${detail.post}`) ?? document.getElementById("calendar-undo"))?.focus();
});

// --- By hand ----------------------------------------------------------------------------------------------------

let drag = null;

function placeAt(x, y, slip) {
  const under = document.elementFromPoint(x, y);
  const slot = under?.closest("[data-slot]");
  if (slot) {
    const box = slot.getBoundingClientRect();
    const wanted = Math.min(3, Math.max(0, Math.floor(((y - box.top) / box.height) * 4))) * 15;
    const minutes = slot.dataset.minutes.split(" ").map(Number);
    const minute = minutes.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best));
    return { day: slot.dataset.day, time: `${slot.dataset.hour}:${String(minute).padStart(2, "0")}`, fold: slot.dataset.fold };
  }
  const day = under?.closest(".day, .week__day");
  return day ? { ...placeOf(slip), day: day.id.slice("day-".length) } : null;
}

function lift() {
  const { slip } = drag;
  const box = slip.getBoundingClientRect();
  const hand = slip.cloneNode(true);
  hand.removeAttribute("id");
  for (const part of hand.querySelectorAll("[id]")) part.removeAttribute("id");
  for (const part of hand.querySelectorAll("[data-grip], .slip__move")) part.remove();
  hand.classList.add("slip--hand");
  hand.setAttribute("aria-hidden", "true");
  hand.style.width = `${box.width}px`;
  const target = document.createElement("p");
  target.className = "slip__target";
  hand.append(target);
  document.body.append(hand);
  Object.assign(drag, { hand, target, left: drag.x - box.left, top: drag.y - box.top });
  slip.dataset.lifted = "";
  getSelection()?.removeAllRanges();
  document.documentElement.dataset.dragging = "";
}

function follow(x, y) {
  drag.x = x;
  drag.y = y;
  drag.hand.style.transform = `translate(${x - drag.left}px, ${y - drag.top}px)`;
  drag.place = placeAt(x, y, drag.slip);
  show(drag.place);
  const isPast = drag.place && "past" in (elementOf(drag.place)?.dataset ?? {});
  drag.hand.toggleAttribute("data-refused", Boolean(isPast));
  drag.target.textContent = drag.place ? `${nameOf(drag.place)}${isPast ? ": past" : ""}` : "Not on a day";
}

function scrollAtEdges() {
  if (!drag?.hand) return;
  const down = drag.y > innerHeight - EDGE_PX ? STEP_PX : drag.y < EDGE_PX ? -STEP_PX : 0;
  if (down) {
    scrollBy(0, down);
    follow(drag.x, drag.y);
  }
  requestAnimationFrame(scrollAtEdges);
}

function letGo() {
  if (!drag) return null;
  const ended = drag;
  drag = null;
  ended.hand?.remove();
  show(null);
  delete ended.slip.dataset.lifted;
  delete document.documentElement.dataset.dragging;
  return ended;
}

document.addEventListener("pointerdown", (event) => {
  const slip = event.target.closest("[data-move]");
  if (!slip || event.button !== 0 || drag) return;
  const isGrip = Boolean(event.target.closest("[data-grip]"));
  // A finger scrolls the page; it drags by the grip alone.
  if (event.pointerType === "touch" ? !isGrip : !isGrip && event.target.closest("button, .slip__move")) return;
  drag = { slip, pointer: event.pointerId, x: event.clientX, y: event.clientY };
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  if (!drag.hand) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < LIFT_PX) return;
    putDown();
    lift();
    requestAnimationFrame(scrollAtEdges);
  }
  event.preventDefault();
  follow(event.clientX, event.clientY);
});

document.addEventListener("pointerup", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { hand, slip, place } = letGo();
  if (!hand) return;
  // What ends a drag is no press of the link or the grip it began on.
  const swallow = (click) => {
    click.preventDefault();
    click.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
  if (place && !isSame(place, placeOf(slip))) send(slip, place);
});

document.addEventListener("pointercancel", letGo);

// --- By keyboard ------------------------------------------------------------------------------------------------

let picked = null;

function pickUp(slip) {
  picked = { slip, place: placeOf(slip) };
  slip.dataset.picked = "";
  slip.querySelector("[data-grip]").setAttribute("aria-pressed", "true");
  show(picked.place);
  const keys = isWeek()
    ? "Left and right choose the day, up and down the time, by quarters of an hour"
    : "Left and right choose the day, up and down the week";
  announce(`Picked up ${slip.dataset.name}, ${nameOf(picked.place)}. ${keys}. Enter puts it there, Escape leaves it.`);
}

function putDown() {
  if (!picked) return null;
  const ended = picked;
  picked = null;
  delete ended.slip.dataset.picked;
  ended.slip.querySelector("[data-grip]")?.setAttribute("aria-pressed", "false");
  show(null);
  return ended;
}

function carry(place) {
  picked.place = place;
  show(place);
  elementOf(place)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  announce(nameOf(place));
}

function stepDays(days) {
  const next = new Date(`${picked.place.day}T12:00:00Z`);
  next.setUTCDate(next.getUTCDate() + days);
  const day = next.toISOString().slice(0, 10);
  if (!dayElement(day)) {
    announce(`That is as far as this page goes. Press Move… to choose any day.`);
    return;
  }
  const place = { ...picked.place, day };
  // A day on which clocks change may lack the hour, or not have it twice.
  const isThere = !isWeek() || elementOf(place).matches("[data-slot]");
  carry(isThere ? place : (quartersOf(day).find(({ time }) => time >= place.time) ?? quartersOf(day).at(-1)));
}

function stepQuarters(count) {
  const all = quartersOf(picked.place.day);
  const key = ({ time, fold }) => `${time.slice(0, 2)}${fold}${time.slice(3)}`;
  const here = key(picked.place);
  const later = all.findIndex((place) => key(place) > here);
  const from = all.findIndex((place) => key(place) >= here);
  const index = count > 0 ? (later < 0 ? all.length : later) + count - 1 : (from < 0 ? all.length : from) + count;
  if (index < 0 || index >= all.length) announce(index < 0 ? "The day begins here." : "The day ends here.");
  else carry(all[index]);
}

const KEYS = {
  ArrowLeft: () => stepDays(-1),
  ArrowRight: () => stepDays(1),
  ArrowUp: () => (isWeek() ? stepQuarters(-1) : stepDays(-7)),
  ArrowDown: () => (isWeek() ? stepQuarters(1) : stepDays(7)),
  PageUp: () => isWeek() && stepQuarters(-4),
  PageDown: () => isWeek() && stepQuarters(4),
  Escape: () => announce(`${putDown().slip.dataset.name} stays where it was.`),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) letGo();
  if (!picked || event.altKey || event.ctrlKey || event.metaKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip) return;
  const slip = grip.closest("[data-move]");
  const ended = putDown();
  if (ended?.slip !== slip) pickUp(slip);
  else if (isSame(ended.place, placeOf(slip))) announce(`${slip.dataset.name} stays where it was.`);
  else send(slip, ended.place);
});

document.addEventListener("focusout", (event) => {
  if (picked && picked.slip.contains(event.target) && event.relatedTarget) putDown();
});

// --- A free hour of the week: pressed, it becomes a post that is planned for that quarter ------------------------

document.addEventListener("click", (event) => {
  if (!event.target.matches?.("[data-slot][data-free]:not([data-past])")) return;
  const form = document.getElementById("plan-here");
  if (!form) return;
  const { day, time, fold } = placeAt(event.clientX, event.clientY, null);
  const comesTwice = elementOf({ day, time, fold: "1" })?.matches("[data-slot]");
  const chosen = { plan_date: day, plan_time: time, ...(comesTwice ? { plan_fold: fold } : {}) };
  for (const [name, value] of Object.entries(chosen)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  form.submit();
});

// --- The form ---------------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== dialog || dialog.open) return;
  dialog.showModal();
  document.getElementById("id_day")?.focus();
});

document.addEventListener("click", (event) => {
  if (!dialog?.open) return;
  if (event.target !== dialog && !event.target.closest("#calendar-dialog [data-dialog-close]")) return;
  event.preventDefault();
  dialog.close();
});

dialog?.addEventListener("close", () => dialog.replaceChildren());
