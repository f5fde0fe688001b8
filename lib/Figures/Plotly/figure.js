// Draws the library's charts with Plotly. A chart's output pushes [key, figure] on window.c2fvl and keeps its static
// picture until the plot stands. Title and legend are HTML, because Plotly lets them overlap where a panel is narrow.
(function () {
  'use strict';
  const ink = '#222222', muted = '#5f5f5f', lines = '#e4e4e4';
  const family = '"DejaVu Sans", Verdana, sans-serif';
  const waiting = window.c2fvl = window.c2fvl || [];
  const pen = document.createElement('canvas').getContext('2d');
  const widthOf = (text, size) => { pen.font = size + 'px ' + family; return pen.measureText(text).width; };
  const element = (parent, tag, css, html) => {
    const made = parent.appendChild(document.createElement(tag));
    made.style.cssText = css;
    if (html) made.innerHTML = html;
    return made;
  };

  function wrap(text, width, size) {
    const rows = [];
    for (const word of String(text).split(' ')) {
      const longer = rows.length ? rows[rows.length - 1] + ' ' + word : word;
      if (rows.length && widthOf(longer, size) <= width) rows[rows.length - 1] = longer; else rows.push(word);
    }
    return rows;
  }

  const widest = (rows, size) => Math.max(0, ...rows.map(row => widthOf(row, size)));
  const axisTitle = axis => (axis.title && axis.title.text) || '';

  // The layout at a panel's width: words that do not fit break into lines, and the margins follow them.
  function fitted(panel, width) {
    const layout = JSON.parse(JSON.stringify(panel.layout));
    const x = layout.xaxis = layout.xaxis || {}, y = layout.yaxis = layout.yaxis || {};
    let height = Math.max(220, (layout.height || 420) - 60);
    const margin = { t: 30, r: 16, b: 40, l: 46 };
    const small = y.ticktext && width < 500 ? 9 : 11; // of row labels, so that the plot keeps its width
    if (y.ticktext) {
      const names = y.ticktext.map(name => wrap(name, 0.2 * width, small));
      y.ticktext = names.map(rows => rows.join('<br>'));
      margin.l = 10 + (axisTitle(y) ? 22 : 0) + Math.max(...names.map(rows => widest(rows, small)));
      const places = y.range ? Math.abs(y.range[1] - y.range[0]) : names.length;
      height = Math.max(height, 100 + places * (8 + 14 * Math.max(...names.map(rows => rows.length))));
    }
    const room = width - margin.l - margin.r;
    const names = x.ticktext || (x.type === 'category' ? x.categoryarray : null);
    if (x.type === 'log') {
      x.tickangle = 0;
    } else if (names) {
      const slot = room / names.length - 4;
      const words = names.map(name => wrap(name, slot, 11));
      const fits = words.every(rows => widest(rows, 11) <= slot);
      x.tickvals = x.tickvals || names;
      x.ticktext = fits ? words.map(rows => rows.join('<br>')) : names;
      x.tickangle = fits ? 0 : -40;
      margin.b = 14 + (fits ? 14 * Math.max(...words.map(rows => rows.length)) : 0.66 * widest(names, 11) + 10);
      height += Math.max(0, margin.b - 40);
      if (axisTitle(x)) margin.b += 24;
    } else {
      x.nticks = Math.max(3, Math.min(12, Math.floor(room / 50)));
      if (room / 40 < (x.range ? x.range[1] - x.range[0] : 0)) delete x.dtick;
      x.tickangle = 0;
    }
    for (const [axis, length] of [[x, room], [y, height - margin.t - margin.b]]) {
      const rows = axisTitle(axis) ? wrap(axisTitle(axis), length, 12) : [];
      axis.title = { text: rows.join('<br>'), font: { size: 12 }, standoff: 6 };
      if (axis === x) height += 16 * Math.max(0, rows.length - 1);
      Object.assign(axis, { automargin: axis === x || !y.ticktext, zeroline: false, linecolor: ink, gridcolor: lines, ticks: 'outside', tickfont: { size: axis === y ? small : 11 } });
    }
    return Object.assign(layout, {
      title: { text: '' }, showlegend: false, width, height, margin, hovermode: 'closest', uniformtext: { mode: 'hide', minsize: 10 },
      paper_bgcolor: '#fff', plot_bgcolor: '#fff', font: { family, size: 12, color: ink }
    });
  }

  const shapes = { square: 'M6,1h10v10h-10z', diamond: 'M11,0l6,6l-6,6l-6,-6z', 'triangle-up': 'M11,0l6,11h-12z', circle: 'M11,1a5,5,0,1,0,.01,0z' };
  const dashes = { dash: '7,8', dot: '2,3' };
  function swatch(trace) {
    const marker = trace.marker || {}, color = marker.color || (trace.line || {}).color || ink, mode = trace.mode || '';
    const bar = trace.type === 'bar' ? `<rect x="2" y="0" width="16" height="12" fill="${color}" fill-opacity="${trace.opacity || 1}"/>` : '';
    const line = mode.includes('lines') || trace.error_x ? `<path d="M0,6h22" stroke="${color}" stroke-width="2" stroke-dasharray="${dashes[(trace.line || {}).dash] || ''}"/>` : '';
    const point = mode.includes('markers') ? `<path d="${shapes[marker.symbol] || shapes.circle}" fill="${color}"/>` : '';
    return `<svg width="22" height="12" style="vertical-align:-1px;margin-right:5px" aria-hidden="true">${bar}${line}${point}</svg>`;
  }

  // Each name is a button that shows and hides its traces.
  function legend(parent, traces, plot) {
    const named = traces.filter(trace => trace.name && trace.showlegend !== false);
    if (named.length < 2) return;
    const list = element(parent, 'div', `display:flex;flex-wrap:wrap;gap:2px 16px;padding:2px 10px`);
    list.className = 'c2fvl-legend';
    for (const trace of named) {
      const button = element(list, 'button', `all:unset;cursor:pointer;font:12px/1.5 ${family};color:${ink}`, swatch(trace) + trace.name);
      button.setAttribute('aria-pressed', 'true');
      button.onclick = () => {
        const shown = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', shown);
        button.style.opacity = shown ? 1 : 0.4;
        const same = traces.map((other, i) => other.name === trace.name ? i : -1).filter(i => i >= 0);
        window.Plotly.restyle(plot(), { visible: shown }, same);
      };
    }
  }

  async function drawPanel(cell, panel) {
    const heading = panel.layout.title && panel.layout.title.text;
    if (heading) element(cell, 'div', `padding:8px 10px 2px;font:15px/1.35 ${family};color:${ink};text-wrap:balance`, heading).className = 'c2fvl-title';
    let plot;
    legend(cell, panel.data, () => plot);
    plot = element(cell, 'div', 'position:relative');
    for (const trace of panel.data) {
      if (trace.text && trace.type !== 'bar') trace.hoverinfo = trace.hoverinfo || 'text';
      if (trace.marker && trace.type !== 'bar') trace.marker.size = trace.marker.size || 8;
      // Beside its error bar a value stands at the bar's foot; above, the error bar would strike it through.
      if (trace.type === 'bar' && trace.error_y && trace.text) Object.assign(trace, { textposition: 'inside', insidetextanchor: 'start', insidetextfont: { color: ink }, textangle: 0 });
      if (/text/.test(trace.mode)) Object.assign(trace, { cliponaxis: false, hoverinfo: 'skip' });
    }
    const config = { displaylogo: false, modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'] };
    let drawn = cell.clientWidth;
    await window.Plotly.newPlot(plot, panel.data, fitted(panel, drawn), config);
    new ResizeObserver(() => {
      const width = cell.clientWidth;
      if (width < 120 || Math.abs(width - drawn) < 2) return;
      drawn = width;
      window.Plotly.react(plot, plot.data, fitted(panel, width), config);
    }).observe(cell);
  }

  async function draw(figure, content) {
    const image = figure.querySelector('img,p'), box = figure.querySelector('div');
    const least = `min(100%,max(300px,${Math.floor(100 / content.columns) - 1}%))`;
    box.style.cssText = `display:grid;grid-template-columns:repeat(auto-fit,minmax(${least},1fr));background:#fff;color:${ink};color-scheme:light;text-align:left`;
    image.style.display = 'none';
    try {
      if (content.heading) element(box, 'div', `grid-column:1/-1;padding:8px 10px 2px;font:15px/1.35 ${family};text-wrap:balance`, content.heading).className = 'c2fvl-title';
      const cells = content.panels.map(() => element(box, 'div', 'min-width:0'));
      await Promise.all(content.panels.map((panel, i) => drawPanel(cells[i], panel)));
    } catch (error) {
      console.warn('The chart stays a picture:', error);
      box.style.display = 'none';
      image.style.display = 'block';
    }
  }

  // A figure in a hidden place has no width; it waits until it has one.
  function take([key, content]) {
    document.querySelectorAll(`[data-c2fvl="${key}"]`).forEach(figure => {
      if (figure.dataset.drawn) return;
      figure.dataset.drawn = '1';
      const seen = new ResizeObserver(() => {
        if (figure.clientWidth < 120) return;
        seen.disconnect();
        draw(figure, content);
      });
      seen.observe(figure);
    });
  }

  // Words over a line keep paper around them.
  document.head.appendChild(document.createElement('style')).textContent =
    `[data-c2fvl] .textpoint text,[data-c2fvl] .bartext,[data-c2fvl] .annotation text{paint-order:stroke;stroke:#fff;stroke-width:4px}[data-c2fvl] .c2fvl-title span{font-size:12px;color:${muted}}`;
  waiting.push = entry => { Array.prototype.push.call(waiting, entry); take(entry); return waiting.length; };
  waiting.forEach(take);
})();
