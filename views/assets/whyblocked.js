// Optional comforts only: every page reads and works without this file.
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
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
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

// "/" puts the cursor into the one box; the key can be switched off.
const keys = document.querySelector('[data-wb-keys]');
let keysOn = remembered('wb-keys') !== 'off';
keys?.setAttribute('aria-pressed', String(keysOn));
keys?.addEventListener('click', () => {
  keysOn = !keysOn;
  keys.setAttribute('aria-pressed', String(keysOn));
  remember('wb-keys', keysOn ? 'on' : 'off');
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || !keysOn || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
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
