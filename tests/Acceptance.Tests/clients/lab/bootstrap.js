// Loads the extensions that the server has found, so that they share this page's packages, and then the application.
const settings = JSON.parse(document.getElementById("jupyter-config-data").textContent);
__webpack_public_path__ = `${settings.fullStaticUrl}/`;

function load(url) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function containerOf({ name, load: file, extension }) {
  await load(`${settings.fullLabextensionsUrl}/${name}/${file}`);
  await __webpack_init_sharing__("default");
  await window._JUPYTERLAB[name].init(__webpack_share_scopes__.default);
  return async () => (await window._JUPYTERLAB[name].get(extension))();
}

async function main() {
  const modules = await Promise.all(settings.federated_extensions.filter(({ extension }) => extension).map(containerOf));
  const { start } = await import("./app.js");
  await start(await Promise.all(modules.map((module) => module())));
}

main();
