// Makes JupyterLab of the packages in node_modules: static/, schemas/ and themes/ beside this file.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rspack } from "@rspack/core";

const here = path.dirname(fileURLToPath(import.meta.url));
const inPackage = (name, ...file) => path.join(here, "node_modules", name, ...file);
const namesIn = (scope) => fs.readdirSync(inPackage(scope)).map((name) => `${scope}/${name}`);
const versionOf = (name) => JSON.parse(fs.readFileSync(inPackage(name, "package.json"), "utf8")).version;

// What JupyterLab's server hands out beside the program: the settings that there are, and the themes.
for (const name of namesIn("@jupyterlab")) {
  if (fs.existsSync(inPackage(name, "schema"))) {
    fs.cpSync(inPackage(name, "schema"), path.join(here, "schemas", name), { recursive: true });
    fs.copyFileSync(inPackage(name, "package.json"), path.join(here, "schemas", name, "package.json.orig"));
  }
  if (fs.existsSync(inPackage(name, "style", "theme.css"))) {
    fs.cpSync(inPackage(name, "style"), path.join(here, "themes", name), { recursive: true });
    fs.renameSync(path.join(here, "themes", name, "theme.css"), path.join(here, "themes", name, "index.css"));
  }
}

// Extensions that the server finds share these with the page, each once.
const shared = [...namesIn("@jupyterlab"), ...namesIn("@lumino")].filter((name) => !name.endsWith("-extension"));

const compiler = rspack({
  mode: "production",
  context: here,
  entry: { main: "./bootstrap.js" },
  output: { path: path.join(here, "static"), chunkFilename: "[contenthash].js", assetModuleFilename: "[hash][ext]", clean: true },
  optimization: { minimize: false },
  devtool: false,
  performance: { hints: false },
  experiments: { css: true },
  ignoreWarnings: [/CSS parse warning/],
  resolve: { fallback: { url: false, buffer: false, process: false, path: false, util: false, crypto: false } },
  module: {
    rules: [
      { test: /\.raw\.css$/, type: "asset/source" },
      { test: /(?<!\.raw)\.css$/, type: "css" },
      { test: /\.svg$/, issuer: /\.css$/, type: "asset/inline" },
      { test: /\.svg$/, issuer: /\.js$/, type: "asset/source" },
      { test: /\.(png|jpg|gif|ttf|woff2?|eot)$/, type: "asset/resource" },
      { test: /\.js$/, resolve: { fullySpecified: false } },
    ],
  },
  plugins: [
    new rspack.DefinePlugin({ "process.env": "{}" }),
    new rspack.container.ModuleFederationPluginV1({
      name: "CORE",
      shared: Object.fromEntries(shared.map((name) => [name, { singleton: true, version: versionOf(name), requiredVersion: versionOf(name) }])),
    }),
  ],
});

compiler.run((error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString("errors-only"));
    process.exitCode = 1;
  }
  compiler.close(() => {});
});
