'use strict';
const state = JSON.parse(document.getElementById('state').textContent);
const byId = id => document.getElementById(id);
const decode = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
const heat = state.heat.map(rgb);
const images = new Map();
let current = null, answer = null, asked = 0, waiting = null, typing = 0;

// Drawing: a byte a pixel comes in, a canvas as large as it is shown goes out.

function gray(pixels) {
  const data = new ImageData(state.side, state.side);
  for (let i = 0; i < pixels.length; i++) data.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
  return data;
}

function blend(data, i, color, share) {
  for (let c = 0; c < 3; c++) data.data[4 * i + c] = data.data[4 * i + c] * (1 - share) + color[c] * share;
}

function paint(canvas, data, outlines) {
  const small = new OffscreenCanvas(state.side, state.side);
  small.getContext('2d').putImageData(data, 0, 0);
  const size = Math.max(64, Math.round((canvas.clientWidth || 160) * (window.devicePixelRatio || 1)));
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = size < 6 * state.side; // a tiny network's pixels may be seen
  context.drawImage(small, 0, 0, size, size);
  for (const [inside, color] of outlines || []) {
    const path = border(inside, size / state.side);
    for (const [style, width] of [['rgba(0,0,0,.6)', 5], [color, 2.5]]) {
      context.strokeStyle = style;
      context.lineWidth = width * (window.devicePixelRatio || 1);
      context.stroke(path);
    }
  }
}

function border(inside, scale) {
  const path = new Path2D(), side = state.side;
  const at = (row, column) => row >= 0 && column >= 0 && row < side && column < side && inside(row * side + column);
  for (let row = 0; row <= side; row++) {
    for (let column = 0; column <= side; column++) {
      if (at(row, column) !== at(row - 1, column)) { path.moveTo(column * scale, row * scale); path.lineTo((column + 1) * scale, row * scale); }
      if (at(row, column) !== at(row, column - 1)) { path.moveTo(column * scale, row * scale); path.lineTo(column * scale, (row + 1) * scale); }
    }
  }
  return path;
}

/** Without a result, the image alone: a mask of another sentence or image would be taken for this one's. */
function showMask(name, result, title) {
  const probability = result ? decode(result.probability) : [], marked = i => probability[i] >= 128;
  const data = gray(current.pixels), color = rgb(state.prediction);
  for (let i = 0; i < probability.length; i++) if (marked(i)) blend(data, i, color, 0.35);
  const outlines = [[marked, state.prediction]];
  if (current.truth && byId('show-truth').checked) outlines.unshift([i => current.truth[i] > 0, state.truth]);
  paint(byId(name), data, outlines);
  let words = result ? `the lesion covers ${result.percent.toFixed(1)} % of the image` : 'no answer yet';
  if (result && result.dice !== null) words += `, Dice ${(100 * result.dice).toFixed(0)} %`;
  byId(name + '-text').textContent = words;
  byId(name).setAttribute('aria-label', `${title}: ${words}`);
}

function showMap(canvas, text) {
  const values = text ? decode(text) : [], data = gray(current.pixels);
  for (let i = 0; i < values.length; i++) blend(data, i, heat[values[i]], 0.3 + 0.6 * values[i] / 255);
  paint(canvas, data);
}

function show() {
  if (!current) return;
  showMask('with', answer?.with, 'With the report');
  showMask('without', answer?.without, 'Without a report');
  showMap(byId('map-0'), answer?.with?.probability);
  state.layers.forEach((_, i) => showMap(byId('map-' + (i + 1)), answer?.cams?.[i]));
}

// Asking: the newest question counts, and an older one under way is given up.

async function ask(question) {
  if (!current) return;
  const number = ++asked;
  waiting?.abort();
  waiting = new AbortController();
  document.body.classList.add('busy');
  const begun = performance.now();
  try {
    const reply = await fetch('/ask', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ image: current.id, ...question }), signal: waiting.signal });
    const said = await reply.json();
    if (number !== asked) return;
    if (said.problem) {
      answer = answer && { without: answer.without };
      show();
      say(said.problem, true);
      return;
    }
    answer = said;
    fill(said, 'sentence' in question);
    show();
    const read = said.sentence ? `The network reads: “${said.sentence}”` : 'The network gets no report.';
    say([read, ...said.assumed, ...said.contradictions].join(' '), said.contradictions.length > 0);
    document.body.dataset.milliseconds = Math.round(performance.now() - begun);
    document.body.dataset.answered = number;
  } catch (error) {
    if (error.name === 'AbortError' || number !== asked) return;
    answer = null;
    show();
    say('The program does not answer. Check that it is still running.', true);
  } finally {
    if (number === asked) document.body.classList.remove('busy');
  }
}

function say(text, bad) {
  byId('status').textContent = text;
  byId('status').classList.toggle('bad', bad);
}

/** Shows a report in the switches, and as a sentence unless the user is writing one. */
function fill(said, typed) {
  const columns = said.columns || Array(8).fill(0);
  byId('bilateral').checked = columns[0] === 1;
  byId('areas').value = said.columns ? columns[1] : '';
  for (const button of document.querySelectorAll('[data-zone]')) button.setAttribute('aria-pressed', columns[button.dataset.zone] === 1);
  if (!typed || !byId('sentence').matches(':focus')) byId('sentence').value = said.sentence || '';
}

function askBySwitches() {
  const columns = Array(8).fill(0);
  columns[0] = byId('bilateral').checked ? 1 : 0;
  columns[1] = Math.max(0, Math.min(state.mostAreas, parseInt(byId('areas').value || '0', 10) || 0));
  for (const button of document.querySelectorAll('[data-zone]')) columns[button.dataset.zone] = button.getAttribute('aria-pressed') === 'true' ? 1 : 0;
  ask({ columns });
}

function askBySentence(sentence) {
  clearTimeout(typing);
  ask({ sentence });
}

// Images.

function addImage(image) {
  const known = { ...image, pixels: decode(image.pixels), truth: image.truth && decode(image.truth) };
  images.set(image.id, known);
  const label = document.createElement('label'), input = document.createElement('input'), canvas = document.createElement('canvas');
  input.type = 'radio';
  input.name = 'image';
  input.value = image.id;
  input.setAttribute('aria-label', image.caption + (image.sentence ? '. ' + image.sentence : ''));
  input.addEventListener('change', () => choose(image.id));
  label.append(input, canvas);
  byId('images').append(label);
  paint(canvas, gray(known.pixels));
  return input;
}

function choose(id) {
  current = images.get(id);
  answer = null;
  show();
  byId('correct').disabled = !current.sentence;
  byId('show-truth').disabled = !current.truth;
  askBySentence(current.sentence || byId('sentence').value);
}

async function upload(file) {
  if (!file) return;
  if (file.size > state.mostBytes) { say(`${file.name} has more than ${state.mostBytes >> 20} MB. Save it smaller.`, true); return; }
  say(`Reading ${file.name} …`, false);
  const reply = await fetch('/images', { method: 'POST', body: file }).catch(() => null);
  const said = reply ? await reply.json().catch(() => null) : null;
  if (!said || !reply.ok) { say(said?.problem || 'The image could not be sent. It may be too large.', true); return; }
  const input = addImage(said);
  input.checked = true;
  choose(said.id);
}

const drop = byId('drop');
for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, event => {
    event.preventDefault();
    drop.classList.toggle('over', name === 'dragover');
    if (name === 'drop') upload(event.dataTransfer.files[0]);
  });
}
byId('file').addEventListener('change', event => {
  upload(event.target.files[0]);
  event.target.value = ''; // the same file can be chosen again
});
byId('sentence').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => askBySentence(byId('sentence').value), 250);
});
byId('correct').addEventListener('click', () => askBySentence(current.sentence));
byId('none').addEventListener('click', () => { byId('sentence').value = ''; askBySentence(''); });
byId('mirror').addEventListener('click', () => {
  const pressed = [...document.querySelectorAll('[data-zone]')].filter(button => button.getAttribute('aria-pressed') === 'true').map(button => +button.dataset.zone);
  for (const button of document.querySelectorAll('[data-zone]')) button.setAttribute('aria-pressed', pressed.includes((+button.dataset.zone + 1) % 6 + 2));
  askBySwitches();
});
byId('bilateral').addEventListener('change', askBySwitches);
byId('areas').addEventListener('input', askBySwitches);
byId('show-truth').addEventListener('change', show);
for (const button of document.querySelectorAll('[data-zone]')) {
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
    const sides = [2, 5].filter(first => [...document.querySelectorAll('[data-zone]')].some(zone =>
      zone.getAttribute('aria-pressed') === 'true' && zone.dataset.zone >= first && zone.dataset.zone < first + 3)).length;
    byId('bilateral').checked = sides === 2;
    byId('areas').value = sides === 0 ? 0 : Math.max(sides, byId('areas').value || 0); // each lung needs one
    askBySwitches();
  });
}
['probability', ...state.layers].forEach((name, i) => {
  const figure = document.createElement('figure'), canvas = document.createElement('canvas'), caption = document.createElement('figcaption');
  canvas.id = 'map-' + i;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', i === 0 ? 'The lesion\'s probability' : `Class activation map of ${name}`);
  caption.textContent = i === 0 ? name : 'CAM of ' + name;
  figure.append(caption, canvas);
  byId('maps').append(figure);
});
byId('key-prediction').style.background = state.prediction;
byId('key-truth').style.background = state.truth;
const bar = byId('scale').getContext('2d');
state.heat.forEach((color, i) => { bar.fillStyle = color; bar.fillRect(i, 0, 1, 1); });
new ResizeObserver(show).observe(byId('masks'));
const first = state.images.map(addImage)[0];
if (first) { first.checked = true; choose(first.value); } else say('Drop an image to begin.', false);
