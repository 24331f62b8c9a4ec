// Optional comforts only: every page reads and works without this file.
// It shares WHM's page with WHM's own scripts: no name of it is seen outside.
(() => {
'use strict';
const root = document.querySelector('.wb');
root.classList.add('wb-js');

// Choices are kept in this browser, where it allows that.
function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}
function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* private mode: the choice lasts for this page */ }
}

// Theme: follow the system until the reader chooses.
const saved = remembered('wb-theme');
if (saved === 'light' || saved === 'dark') root.dataset.theme = saved;
document.querySelector('[data-wb-theme]')?.addEventListener('click', () => {
  const scheme = getComputedStyle(root).colorScheme;
  const dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'light' : 'dark';
  remember('wb-theme', root.dataset.theme);
});

// Copy buttons: data-wb-copy names the id of the element whose text is copied; without clipboard it is selected.
for (const button of document.querySelectorAll('[data-wb-copy]')) {
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.wbCopy);
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = before; }, 1500);
  });
}

// "/" puts the cursor into the one box; keys can be switched off.
const keys = document.querySelector('[data-wb-keys]');
let keysOn = remembered('wb-keys') !== 'off';
keys?.setAttribute('aria-pressed', String(keysOn));
keys?.addEventListener('click', () => {
  keysOn = !keysOn;
  keys.setAttribute('aria-pressed', String(keysOn));
  remember('wb-keys', keysOn ? 'on' : 'off');
});
// After "g" a letter leads to a page of the menu: "g c" to the causes.
const GO_MS = 1500;
let goneAt = -GO_MS;
document.addEventListener('keydown', (event) => {
  if (!keysOn || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (event.timeStamp - goneAt < GO_MS && /^[a-z]$/.test(event.key)) {
    goneAt = -GO_MS;
    document.querySelector(`.wb-nav [data-wb-key="${event.key}"]`)?.click();
    return;
  }
  if (event.key === 'g') goneAt = event.timeStamp;
  // Single letters follow the link of the page that has them: "u" to the unblock form, "p" to the preview of the fix.
  if (/^[a-z]$/.test(event.key)) document.querySelector(`[data-wb-do="${event.key}"]`)?.click();
  if (event.key !== '/') return;
  const box = document.querySelector('[data-wb-ask]');
  if (!box) return;
  event.preventDefault();
  box.focus();
});

// The box grows with what is pasted into it.
const ask = document.querySelector('textarea[data-wb-ask]');
function grow() {
  ask.rows = Math.min(16, Math.max(3, ask.value.split('\n').length));
}
ask?.addEventListener('input', grow);
if (ask) grow();

// A link to a line opens the folded part that holds it, also where the browser does not.
function openTarget() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  const folded = target && target.closest('details:not([open])');
  if (!folded) return;
  folded.open = true;
  target.scrollIntoView();
}
addEventListener('hashchange', openTarget);
openTarget();

// A search form sends what is filled in; the pattern always, so that the address is a search.
document.querySelector('form[data-wb-tidy]')?.addEventListener('formdata', ({ formData }) => {
  for (const name of new Set(formData.keys())) {
    const values = formData.getAll(name).filter((value) => value !== '' || name === 'q');
    formData.delete(name);
    for (const value of values) formData.append(name, value);
  }
});

// Results of a running search: asked for each second. A row under the pointer, the focus or a selection never moves.
const POLL_MS = 1000;
const SAY_MS = 5000;
const part = (id, place = document) => place.querySelector(`#${id}`);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function isHeld() {
  const lines = part('found-lines');
  const selected = getSelection();
  return lines.matches(':hover') || lines.contains(document.activeElement)
    || (selected !== null && !selected.isCollapsed && lines.contains(selected.anchorNode));
}

// The element of a new part that stands for one of the old part.
function twinOf(element, place) {
  if (element.id) return part(element.id, place);
  const fold = element.closest('details[id]');
  const scope = fold ? part(fold.id, place) : place;
  const same = [...(scope?.querySelectorAll(element.tagName) ?? [])]
    .filter((other) => other.getAttribute('href') === element.getAttribute('href'));
  return fold ? same[0] : same.find((other) => other.textContent === element.textContent);
}

// Puts a new part in place of the old one; what is unfolded stays so, and the focus stays on its element.
function replacePart(id, news) {
  const [before, after] = [part(id), part(id, news)];
  const focused = before.contains(document.activeElement) ? document.activeElement : null;
  for (const fold of before.querySelectorAll('details[open][id]')) {
    const same = part(fold.id, after);
    if (same) same.open = true;
  }
  before.replaceWith(after);
  if (focused) (twinOf(focused, after) ?? part('h-found')).focus({ preventScroll: true });
}

function watch(results) {
  const fresh = part('found-fresh');
  const csrf = root.querySelector('input[name="csrf"]').value;
  const stopForm = () => part('found-stop');
  let waiting = null;
  let said = 0;
  let isBusy = true;

  function say(force) {
    const now = Date.now();
    if (!force && now - said < SAY_MS) return;
    said = now;
    part('found-say').textContent = part('h-found').textContent;
  }
  function show(news) {
    waiting = null;
    fresh.hidden = true;
    for (const id of ['found-head', 'found-about', 'found-lines', 'found-foot']) replacePart(id, news);
  }
  function take(news) {
    const found = part('wb-results', news);
    isBusy = found.getAttribute('aria-busy') === 'true';
    if (!isHeld()) show(news);
    else {
      const top = part('found-lines').getBoundingClientRect().top;
      waiting = news;
      replacePart('found-head', news.cloneNode(true));
      const more = Number(found.dataset.wbCount) - Number(results.dataset.wbCount);
      fresh.hidden = more <= 0;
      fresh.firstElementChild.textContent = `${more.toLocaleString('en-US')} more ${more === 1 ? 'line' : 'lines'}, show them`;
      scrollBy(0, part('found-lines').getBoundingClientRect().top - top);
    }
    if (waiting === null) results.dataset.wbCount = found.dataset.wbCount;
    results.setAttribute('aria-busy', String(isBusy));
    say(!isBusy);
  }
  function showWaiting() {
    if (waiting === null) return;
    results.dataset.wbCount = part('wb-results', waiting).dataset.wbCount;
    show(waiting);
  }
  async function poll() {
    const answer = await fetch(results.dataset.wbPoll, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return false;
    const news = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (part('wb-results', news) === null) return false;
    take(news);
    return true;
  }
  async function run() {
    let failures = 0;
    while (isBusy && failures < 3) {
      const began = Date.now();
      const isAnswered = await poll().catch(() => null);
      if (isAnswered === false) failures = 3;
      else failures = isAnswered === null ? failures + 1 : 0;
      await pause(Math.max(0, POLL_MS - (Date.now() - began)));
    }
    if (isBusy) {
      isBusy = false;
      results.setAttribute('aria-busy', 'false');
      part('found-lost').hidden = false;
    }
    while (waiting !== null) {
      await pause(POLL_MS);
      if (!isHeld()) showWaiting();
    }
  }

  fresh.firstElementChild.addEventListener('click', () => {
    showWaiting();
    part('h-found').focus({ preventScroll: true });
  });
  results.addEventListener('submit', (event) => {
    const form = stopForm();
    if (event.target !== form) return;
    event.preventDefault();
    part('found-cancel').setAttribute('aria-disabled', 'true');
    const body = new URLSearchParams(new FormData(form));
    fetch(form.getAttribute('action'), { method: 'POST', body, redirect: 'manual' }).catch(() => form.submit());
  });
  addEventListener('pagehide', () => {
    const form = stopForm();
    if (!isBusy || form === null) return;
    const job = form.querySelector('[name="job"]').value;
    navigator.sendBeacon(form.getAttribute('action'), new URLSearchParams({ csrf, job }));
  });
  run();
}
const running = document.querySelector('#wb-results[aria-busy="true"]');
if (running) watch(running);

// An act at work: asked for its state until it has ended; then the heading gets the focus, so that the outcome is read.
async function watchAct() {
  let failures = 0;
  for (let act = part('wb-act'); act.getAttribute('aria-busy') === 'true'; act = part('wb-act')) {
    const began = Date.now();
    const answer = await fetch(act.dataset.wbPoll, { headers: { Accept: 'text/html' } }).catch(() => null);
    const text = answer?.ok ? await answer.text().catch(() => '') : '';
    const news = part('wb-act', new DOMParser().parseFromString(text, 'text/html'));
    failures = news === null ? failures + 1 : 0;
    if (failures === 3 || (answer !== null && answer.status === 404)) {
      act.setAttribute('aria-busy', 'false');
      part('act-lost').hidden = false;
      return;
    }
    if (news !== null) {
      act.replaceWith(news);
      part('act-say').textContent = news.querySelector('strong, .wb-lead')?.textContent ?? '';
    }
    await pause(Math.max(0, POLL_MS - (Date.now() - began)));
  }
  document.title = `${part('act-head').textContent.trim()} · Whyblocked`;
  part('act-head').focus({ preventScroll: true });
}
if (document.querySelector('#wb-act[aria-busy="true"]')) watchAct();
})();
