// Builds what the browser loads, from the sources in this folder into ../static, which is committed as built.
//   npm ci && npm run build
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const target = join(here, "built"); // moved into place when all of it is there
const place = join(here, "..", "static");

// Plotly has two addresses of its maker as defaults (where charts may be sent, where maps come from) and more in its
// descriptions. We use none, and no address of another host belongs in what we serve: only the names of XML
// namespaces stay, which nothing ever loads.
const OUTSIDE = /https?:\/\/(?!www\.w3\.org\/(?:1999|2000|XML))[^\s'"`)]*/g;
const withoutOutsideHosts = {
  name: "without-outside-hosts",
  setup(building) {
    building.onLoad({ filter: /plotly\.js[\\/]src[\\/].*\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      return { contents: source.replace(OUTSIDE, ""), loader: "js" };
    });
  },
};

async function scripts() {
  const built = await build({
    absWorkingDir: here,
    entryPoints: Object.fromEntries(
      ["site", "charts", "begin", "verify", "passkeys"].map((name) => [name, `scripts/${name}.js`]),
    ),
    outdir: target,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    legalComments: "none", // the licences are in licences.txt, in full
    define: { global: "window", "define.amd": "false", "process.env.NODE_DEBUG": "false" },
    loader: { ".css": "empty" }, // the rules of maps, which we do not draw
    plugins: [withoutOutsideHosts],
    metafile: true,
    logLevel: "warning",
  });
  const kept = Object.values(built.metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return kept.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([input]) => input);
}

// The rules that Plotly writes into the page as it starts. A strict Content-Security-Policy refuses
// an inline stylesheet, so they are part of ours.
function plotlyRules() {
  const rules = [];
  const lib = { addStyleRule: (selector, body) => rules.push(`${selector}{${body}}`) };
  const source = readFileSync(join(packages, "plotly.js", "build", "plotcss.js"), "utf8");
  new Function("require", source)(() => lib);
  return rules.reverse().join("\n").replaceAll(/font-family:"Open Sans"[^;}]*/g, "font-family:inherit");
}

function styles() {
  const own = sass.compile(join(here, "styles", "site.scss"), {
    loadPaths: [packages],
    style: "compressed",
    quietDeps: true,
    charset: false,
  });
  const plotly = sass.compileString(plotlyRules(), { style: "compressed", charset: false });
  writeFileSync(join(target, "site.css"), `${plotly.css}\n${own.css}\n`);
  return own.loadedUrls.map((url) => relative(here, fileURLToPath(url)));
}

function packageOf(input) {
  const found = input.replaceAll("\\", "/").match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  return found ? found[1] : null;
}

// Some packages say "MIT" and leave the text out: they get it, with the name that their package or repository gives.
const HOLDERS = { "govuk-frontend": "2017 Crown Copyright (Government Digital Service)" };

function licenceText(folder, about) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file) return readFileSync(join(folder, file), "utf8").trim().replaceAll(/\r\n?/g, "\n");
  const author = HOLDERS[about.name] ?? String(about.author?.name ?? about.author ?? "").replace(/\s*[<(].*$/, "");
  if (about.license !== "MIT" || !author) throw new Error(`${about.name} comes without the text of its licence`);
  return `Copyright (c) ${author}\n\n${readFileSync(join(here, "licences", "mit.txt"), "utf8").trim()}`;
}

function licences(inputs) {
  const folders = [...new Set(inputs.map(packageOf).filter(Boolean))].sort();
  const parts = folders.map((name) => {
    const folder = join(here, name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${about.name} ${about.version} (${about.license ?? "licence below"})\n\n${licenceText(folder, about)}\n`;
  });
  const line = `\n${"-".repeat(78)}\n\n`;
  const head = "The styles and scripts in this folder contain the work below, each under its own licence.\n";
  writeFileSync(join(target, "licences.txt"), [head, ...parts].join(line));
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const used = [...(await scripts()), ...styles()];
licences(used);
for (const image of readdirSync(join(here, "images"))) {
  copyFileSync(join(here, "images", image), join(target, image));
}
rmSync(place, { recursive: true, force: true });
renameSync(target, place);
