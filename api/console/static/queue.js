// Follows the queue by the server's long poll; where the reader is on the page, and what has the focus, stays.
"use strict";
const WAIT_S = 25;
const PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30000;
const TICK_MS = 5000;
const queue = document.getElementById("queue");
const live = document.getElementById("live");
const ages = JSON.parse(queue.dataset.ages);
let shownAtMs = performance.now();

// The server's clock counts, not this machine's.
function nowS() {
  return Number(queue.querySelector("[data-now]").dataset.now) + (performance.now() - shownAtMs) / 1000;
}

function spanOf(seconds) {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  if (minutes < 60) return ages.words.minutes.replace("{number}", minutes);
  if (minutes >= 48 * 60) return ages.words.days.replace("{number}", Math.floor(minutes / 1440));
  return ages.words.hours.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60);
}

function letAgesGrow() {
  for (const age of queue.querySelectorAll("[data-since]")) {
    const seconds = nowS() - Number(age.dataset.since);
    const text = spanOf(seconds);
    if (age.textContent !== text) age.textContent = text;
    if (!("waited" in age.dataset)) continue;
    const level = seconds >= ages.late_s ? "late" : seconds >= ages.soon_s ? "soon" : "fresh";
    age.className = `age ${level}`;
    age.nextElementSibling.textContent = ` (${ages.urgency[level]})`;
  }
}
setInterval(letAgesGrow, TICK_MS);

function pathOfFocus() {
  const focused = document.activeElement;
  return queue.contains(focused) ? focused.getAttribute("href") : null;
}

function show(html) {
  const focused = pathOfFocus();
  const [left, top] = [window.scrollX, window.scrollY];
  queue.innerHTML = html;
  shownAtMs = performance.now();
  window.scrollTo(left, top);
  if (focused) {
    const again = [...queue.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === focused);
    if (again) again.focus({ preventScroll: true });
  }
  const counts = JSON.parse(queue.querySelector("[data-counts]").dataset.counts);
  for (const shown of document.querySelectorAll("[data-count]")) shown.textContent = counts[shown.dataset.count];
}

async function look() {
  const address = new URL(window.location.href);
  address.pathname += "/rows";
  address.searchParams.set("wait", String(WAIT_S));
  const answer = await fetch(address, { headers: { "If-None-Match": queue.dataset.etag }, cache: "no-store" });
  if (answer.status === 401) {
    window.location.reload();
    return;
  }
  if (answer.status === 200) {
    show(await answer.text());
    queue.dataset.etag = answer.headers.get("ETag");
  } else if (answer.status !== 304) {
    throw new Error(String(answer.status));
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

async function follow() {
  let pauseMs = PAUSE_MS;
  for (;;) {
    try {
      await look();
      live.textContent = live.dataset.live;
      live.classList.remove("lost");
      pauseMs = PAUSE_MS;
    } catch {
      live.textContent = live.dataset.offline;
      live.classList.add("lost");
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    await pause(document.hidden ? LONGEST_PAUSE_MS : pauseMs);
  }
}
follow();
