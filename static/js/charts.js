// Draws every canvas[data-chart] from the JSON beside it, in the colours of the theme.
// Numbers come with ready texts from the server; this script formats nothing but axis ticks.

const FILL = (tone) => `--k-data-${tone}`;
const EDGE = (tone) => `--k-data-${tone}-edge`;
const ORDER = ["blue", "green", "amber", "orange", "red", "gray"];
const POINTS = ["circle", "rect", "triangle", "rectRot"];
const drawn = new Map();
let isForPaper = false;

// -- colours -------------------------------------------------------------------------------------------

// A probe resolves light-dark() to what the theme shows; a custom property alone would give its text.
function colour(name, alpha = 1) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return alpha === 1 ? resolved : resolved.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches || matchMedia("print").matches || isForPaper;
}

// -- one chart -----------------------------------------------------------------------------------------

function draw(canvas) {
  const source = document.getElementById(canvas.dataset.source);
  if (!source) return;
  drawn.get(canvas)?.destroy();
  const data = JSON.parse(source.textContent);
  const kind = canvas.dataset.chart;
  const config = kind === "doughnut" ? doughnut(data) : axes(data, kind);
  config.options.onClick = (_, hits) => { if (hits.length && data.links) location.assign(data.links[hits[0].index]); };
  config.options.onHover = (event, hits) => { event.native.target.classList.toggle("is-link", Boolean(hits.length && data.links)); };
  drawn.set(canvas, new Chart(canvas, config));
  canvas.dataset.drawn = "yes";
  drawLegend(canvas, data, kind);
}

function common(data) {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: calm() ? false : { duration: 350 },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: colour("--k-strong"),
        titleColor: colour("--k-surface"),
        bodyColor: colour("--k-surface"),
        padding: 10,
        cornerRadius: 6,
        boxPadding: 4,
        usePointStyle: true,
        callbacks: { label: (item) => tooltipText(data, item), labelColor: keyColour },
      },
    },
  };
}

function tooltipText(data, item) {
  const series = data.series[item.datasetIndex];
  const text = series.texts?.[item.dataIndex] ?? String(item.raw ?? "–");
  return data.series.length > 1 ? `${series.name}: ${text}` : text;
}

function keyColour({ dataset: { type, borderColor, backgroundColor }, dataIndex }) {
  const edge = Array.isArray(borderColor) ? borderColor[dataIndex] : borderColor;
  return { borderColor: edge, backgroundColor: type === "line" ? edge : backgroundColor[dataIndex], borderWidth: 1 };
}

function toneOf(data, series, index) {
  return series.tone ?? ORDER[index % ORDER.length];
}

function doughnut(data) {
  const tones = data.tones ?? data.labels.map((_, index) => ORDER[index % ORDER.length]);
  const options = common(data);
  options.cutout = "68%";
  options.layout = { padding: 4 };
  options.plugins.tooltip.callbacks.label = (item) => `${item.label}: ${data.series[0].texts?.[item.dataIndex] ?? item.raw}`;
  options.plugins.tooltip.callbacks.title = () => "";
  return {
    type: "doughnut",
    data: {
      labels: data.labels,
      datasets: [{
        data: data.series[0].values,
        backgroundColor: tones.map((tone) => colour(FILL(tone))),
        borderColor: tones.map((tone) => colour(EDGE(tone))),
        borderWidth: 1.5,
        borderRadius: 3,
        spacing: 2,
        hoverOffset: 3,
      }],
    },
    options,
    plugins: [centreText(data)],
  };
}

function centreText(data) {
  return {
    id: "centre",
    beforeDatasetsDraw(chart) {
      if (!data.centre) return;
      const { ctx, chartArea: area } = chart;
      const x = (area.left + area.right) / 2;
      const y = (area.top + area.bottom) / 2;
      const family = Chart.defaults.font.family;
      ctx.save();
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillStyle = colour("--k-strong");
      ctx.font = `600 24px ${family}`;
      ctx.fillText(data.centre, x, data.centre_label ? y - 8 : y);
      ctx.fillStyle = colour("--k-muted");
      ctx.font = `12px ${family}`;
      ctx.fillText(data.centre_label ?? "", x, y + 14);
      ctx.restore();
    },
  };
}

function axes(data, kind) {
  const isBar = kind !== "line";
  const sideways = kind === "horizontal";
  const stacked = kind === "stacked";
  const options = common(data);
  const value = valueAxis(data, { isBar: isBar || data.series.some((series) => series.kind === "bar"), stacked });
  const label = labelAxis(data, stacked);
  if (data.bands) options.layout = { padding: { right: 68 } }; // their names stand beside the plot
  options.indexAxis = sideways ? "y" : "x";
  options.scales = sideways ? { x: value, y: label } : { x: label, y: value };
  options.interaction = isBar && !stacked && data.series.length === 1 ? { mode: "nearest", axis: options.indexAxis, intersect: false } : { mode: "index", axis: options.indexAxis, intersect: false };
  return {
    type: isBar ? "bar" : "line",
    data: { labels: data.labels, datasets: data.series.map((series, index) => dataset(data, series, index, isBar)) },
    options,
    plugins: [shadedBands(data)],
  };
}

function labelAxis(data, stacked) {
  return {
    stacked,
    grid: { display: false },
    border: { color: colour("--k-line") },
    ticks: { color: colour("--k-muted"), maxRotation: 0, autoSkipPadding: 16 },
    title: { display: true, text: data.x_title, color: colour("--k-muted") },
  };
}

function valueAxis(data, { isBar, stacked }) {
  const { tick_prefix: before = "", tick_suffix: after = "" } = data;
  return {
    stacked,
    min: data.minimum ?? (isBar ? 0 : undefined),
    max: data.maximum,
    grid: { color: colour("--k-line-soft") },
    border: { display: false },
    ticks: { color: colour("--k-muted"), maxTicksLimit: 6, padding: 6, callback: (tick) => `${before}${Number(tick.toFixed(2))}${after}` },
    title: { display: true, text: data.y_title, color: colour("--k-muted") },
  };
}

function dataset(data, series, index, isBar) {
  const tone = toneOf(data, series, index);
  if (series.kind === "bar" || (isBar && series.kind !== "line")) {
    const tones = data.series.length === 1 && data.tones ? data.tones : [tone];
    return {
      type: "bar",
      label: series.name,
      data: series.spans ?? series.values,
      borderSkipped: series.spans ? false : "start",
      backgroundColor: data.labels.map((_, at) => colour(FILL(tones[at % tones.length]))),
      borderColor: data.labels.map((_, at) => colour(EDGE(tones[at % tones.length]))),
      borderWidth: 1.5,
      borderRadius: 4,
      maxBarThickness: 44,
      categoryPercentage: 0.72,
      order: 2,
    };
  }
  const few = series.values.length <= 16;
  return {
    type: "line",
    label: series.name,
    data: series.values,
    borderColor: colour(EDGE(tone)),
    backgroundColor: (context) => areaUnder(context, tone),
    fill: data.series.length === 1 && !data.bands,
    borderWidth: 2,
    borderDash: series.dashed ? [6, 4] : [],
    pointStyle: POINTS[index % POINTS.length],
    pointRadius: few ? 3 : 0,
    pointHoverRadius: 5,
    pointBackgroundColor: colour("--k-surface"),
    pointBorderColor: colour(EDGE(tone)),
    pointHoverBackgroundColor: colour(EDGE(tone)),
    pointHoverBorderColor: colour("--k-surface"),
    pointBorderWidth: 2,
    pointHitRadius: 12,
    tension: 0.25,
    spanGaps: false,
    order: 1,
  };
}

function areaUnder({ chart }, tone) {
  const { ctx, chartArea: area } = chart;
  if (!area) return "transparent";
  const gradient = ctx.createLinearGradient(0, area.top, 0, area.bottom);
  gradient.addColorStop(0, colour(EDGE(tone), 0.16));
  gradient.addColorStop(1, colour(EDGE(tone), 0));
  return gradient;
}

function shadedBands(data) {
  return {
    id: "bands",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      for (const band of data.bands ?? []) {
        const top = Math.max(area.top, scales.y.getPixelForValue(band.high));
        const bottom = Math.min(area.bottom, scales.y.getPixelForValue(band.low));
        if (bottom <= top) continue;
        ctx.save();
        ctx.fillStyle = colour(FILL(band.tone), 0.1);
        ctx.fillRect(area.left, top, area.width, bottom - top);
        if (bottom - top > 12) {
          ctx.fillStyle = colour("--k-muted");
          ctx.font = `12px ${Chart.defaults.font.family}`;
          ctx.textBaseline = "middle";
          ctx.fillText(band.label, area.right + 8, (top + bottom) / 2);
        }
        ctx.restore();
      }
    },
  };
}

// -- legends: buttons that hide and show a series ---------------------------------------------------------

function drawLegend(canvas, data, kind) {
  const list = document.querySelector(`[data-legend-for="${CSS.escape(canvas.dataset.source)}"]`);
  if (!list || list.children.length) return;
  data.series.forEach((series, index) => {
    const isLine = series.kind === "line" || (kind === "line" && series.kind !== "bar");
    const button = document.createElement("button");
    const key = document.createElement("span");
    key.className = `key key-${toneOf(data, series, index)}${isLine ? " key-line" : ""}`;
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.append(key, series.name);
    button.addEventListener("click", () => {
      const chart = drawn.get(canvas);
      const show = !chart.isDatasetVisible(index);
      chart.setDatasetVisibility(index, show);
      chart.update();
      button.setAttribute("aria-pressed", String(show));
    });
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  });
}

// -- when ------------------------------------------------------------------------------------------------

function drawAll(root = document) {
  const waiting = [...root.querySelectorAll("canvas[data-chart]:not([data-drawn])")];
  for (const canvas of waiting) whenSeen.observe(canvas);
  const drawNext = () => {
    const canvas = waiting.shift();
    if (!canvas) return;
    if (canvas.isConnected && !canvas.dataset.drawn) drawWaiting(canvas);
    whenIdle(drawNext);
  };
  whenIdle(drawNext);
}

// What is near the window first, and the others while nothing else is to be done: a picture of the whole page has all.
function drawWaiting(canvas) {
  whenSeen.unobserve(canvas);
  draw(canvas);
}

function whenIdle(act) {
  if (window.requestIdleCallback) requestIdleCallback(act, { timeout: 2000 });
  else setTimeout(act, 200);
}

function redrawAll() {
  for (const canvas of drawn.keys()) draw(canvas);
}

let drawForScreen = redrawAll;

// Paper is light whatever the screen shows, and has no fold: draw everything once more in light colours.
function drawForPaper() {
  const root = document.documentElement;
  const theme = root.dataset.bsTheme;
  root.dataset.bsTheme = "light";
  isForPaper = true;
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) draw(canvas);
  drawForScreen = () => {
    isForPaper = false;
    if (theme) root.dataset.bsTheme = theme;
    else delete root.dataset.bsTheme;
    redrawAll();
  };
}

const whenSeen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) drawWaiting(entry.target);
  }
}, { rootMargin: "200px" });

if (window.Chart) {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  new MutationObserver(redrawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  window.addEventListener("beforeprint", drawForPaper);
  window.addEventListener("afterprint", () => drawForScreen());
  document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    for (const canvas of event.target.querySelectorAll?.("canvas[data-chart]") ?? []) {
      drawn.get(canvas)?.destroy();
      drawn.delete(canvas);
    }
  });
} else {
  document.documentElement.classList.add("no-chart");
  for (const twin of document.querySelectorAll("details.twin")) twin.open = true;
}
