// The case page: fields light up with their places, sides can be enlarged, the clip moves with the plot, keys decide.
"use strict";
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---------------------------------------------------------------- fields and their places
function light(names, on) {
  for (const name of names) {
    for (const shown of all(`[data-field="${CSS.escape(name)}"]`)) shown.classList.toggle("lit", on);
  }
}
for (const shown of all("[data-field], .reason[data-fields]")) {
  const names = (shown.dataset.field || shown.dataset.fields || "").split(" ").filter(Boolean);
  shown.addEventListener("pointerenter", () => light(names, true));
  shown.addEventListener("pointerleave", () => light(names, false));
  shown.addEventListener("focusin", () => light(names, true));
  shown.addEventListener("focusout", () => light(names, false));
}

// ---------------------------------------------------------------- sides: wheel and drag, or the whole window
const MOST = 8;
for (const side of all(".side")) {
  const zoom = side.querySelector(".zoom");
  const layer = side.querySelector(".layer");
  let [scale, left, top] = [1, 0, 0];
  let held = null;
  const place = () => {
    const box = zoom.getBoundingClientRect();
    left = Math.min(0, Math.max(left, box.width * (1 - scale)));
    top = Math.min(0, Math.max(top, box.height * (1 - scale)));
    layer.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    zoom.style.cursor = scale > 1 ? "grab" : "zoom-in";
  };
  const zoomTo = (wanted, x, y) => {
    const next = Math.min(MOST, Math.max(1, wanted));
    left = x - ((x - left) * next) / scale;
    top = y - ((y - top) * next) / scale;
    scale = next;
    place();
  };
  zoom.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = zoom.getBoundingClientRect();
    zoomTo(scale * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  zoom.addEventListener("pointerdown", (event) => {
    if (scale > 1) held = { id: event.pointerId, x: event.clientX - left, y: event.clientY - top };
  });
  zoom.addEventListener("pointermove", (event) => {
    if (!held || held.id !== event.pointerId) return;
    [left, top] = [event.clientX - held.x, event.clientY - held.y];
    place();
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) zoom.addEventListener(end, () => { held = null; });
  zoom.addEventListener("dblclick", (event) => {
    const box = zoom.getBoundingClientRect();
    zoomTo(scale > 1 ? 1 : 3, event.clientX - box.left, event.clientY - box.top);
  });
  side.enlarge = (on) => {
    for (const other of all(".side.large")) if (other !== side) other.enlarge(false);
    side.classList.toggle("large", on);
    [scale, left, top] = [1, 0, 0];
    place();
    if (on) zoom.focus({ preventScroll: true });
  };
}
function enlarge(name) {
  const side = byId(name);
  if (side) side.enlarge(!side.classList.contains("large"));
}
for (const button of all("[data-enlarge]")) button.addEventListener("click", () => enlarge(button.dataset.enlarge));

// ---------------------------------------------------------------- the clip and its plot
const clip = byId("clip");
const plot = byId("plot");
if (clip) {
  clip.addEventListener("error", () => { byId("unplayable").hidden = false; });
  for (const button of all("[data-seek]")) {
    button.addEventListener("click", () => { clip.currentTime = Number(button.dataset.seek); });
  }
}
if (clip && plot) {
  const [from, to, seconds] = ["left", "right", "seconds"].map((name) => Number(plot.dataset[name]));
  const playhead = byId("playhead");
  const follow = () => {
    const x = String(from + ((to - from) * Math.min(clip.currentTime, seconds)) / seconds);
    playhead.setAttribute("x1", x);
    playhead.setAttribute("x2", x);
  };
  const frame = () => { follow(); if (!clip.paused) window.requestAnimationFrame(frame); };
  clip.addEventListener("play", frame);
  clip.addEventListener("seeking", follow);
  clip.addEventListener("timeupdate", follow);
  plot.addEventListener("click", (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) * plot.viewBox.baseVal.width) / box.width;
    clip.currentTime = Math.max(0, Math.min(seconds, ((x - from) * seconds) / (to - from)));
  });
}

// ---------------------------------------------------------------- deciding
const verdict = byId("verdict");
const reason = byId("reason");
function chosen() {
  const radio = verdict && verdict.querySelector("[name=outcome]:checked");
  return radio ? radio.value : null;
}
function showChoice() {
  for (const part of all("[data-of]", verdict)) part.hidden = part.dataset.of !== chosen();
}
function choose(outcome) {
  const radio = verdict.querySelector(`[name=outcome][value=${outcome}]`);
  radio.checked = true;
  radio.focus();
  showChoice();
}
function preset(button) {
  reason.value = button.querySelector("span").textContent;
  reason.focus();
}
if (verdict) {
  verdict.addEventListener("change", showChoice);
  for (const button of all("[data-preset]", verdict)) button.addEventListener("click", () => preset(button));
  showChoice();
  // The claim goes on while somebody looks; a hidden page lets it end.
  const RENEW_MS = 120000;
  setInterval(() => {
    if (document.hidden) return;
    const body = new URLSearchParams({ token: verdict.querySelector("[name=token]").value });
    fetch(verdict.dataset.renew, { method: "POST", body }).catch(() => {});
  }, RENEW_MS);
}

// ---------------------------------------------------------------- keys
const help = byId("help");
byId("help-open").addEventListener("click", () => help.showModal());
const send = (id) => { const form = byId(id); if (form) form.requestSubmit(); };
const KEYS = {
  "?": () => (help.open ? help.close() : help.showModal()),
  c: () => send("claim"),
  n: () => send("next"),
  q: () => byId("to-queue").click(),
  f: () => enlarge("card_front"),
  b: () => enlarge("card_back"),
  p: () => clip && (clip.paused ? clip.play() : clip.pause()),
  a: () => verdict && choose("approved"),
  r: () => verdict && choose("rejected"),
  t: () => verdict && choose("retake"),
  ArrowLeft: () => clip && (clip.currentTime -= 0.1),
  ArrowRight: () => clip && (clip.currentTime += 0.1),
  Enter: () => verdict && chosen() && verdict.requestSubmit(),
  Escape: () => { for (const side of all(".side.large")) side.enlarge(false); },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  const types = at.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (types) {
    if (event.key === "Escape") at.blur();
    return;
  }
  if (event.key === "Enter" && at.matches("a, button, summary")) return;
  if (/^[1-9]$/.test(event.key) && chosen()) {
    const button = verdict.querySelector(`[data-of=${chosen()}] [data-preset="${event.key}"]`);
    if (button) {
      event.preventDefault();
      preset(button);
    }
    return;
  }
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || (at.matches("video") && event.key.startsWith("Arrow"))) return;
  event.preventDefault();
  act();
});
