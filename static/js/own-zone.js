// Where nobody has chosen a time zone yet, the browser's own is offered, chosen, and there to be seen before anything is sent.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const select of document.querySelectorAll("select[data-own-zone]")) {
  if (!zone) break;
  const known = [...select.options].find((option) => option.value === zone);
  if (!known) select.prepend(new Option(zone, zone));
  select.value = zone;
}
