// JupyterLab, of its core extensions and those that the server has found.
import { JupyterLab } from "@jupyterlab/application";
import application from "@jupyterlab/application-extension";
import "@jupyterlab/application-extension/style/index.js";
import apputils from "@jupyterlab/apputils-extension";
import "@jupyterlab/apputils-extension/style/index.js";
import cellToolbar from "@jupyterlab/cell-toolbar-extension";
import "@jupyterlab/cell-toolbar-extension/style/index.js";
import codemirror from "@jupyterlab/codemirror-extension";
import "@jupyterlab/codemirror-extension/style/index.js";
import completer from "@jupyterlab/completer-extension";
import "@jupyterlab/completer-extension/style/index.js";
import docmanager from "@jupyterlab/docmanager-extension";
import "@jupyterlab/docmanager-extension/style/index.js";
import filebrowser from "@jupyterlab/filebrowser-extension";
import "@jupyterlab/filebrowser-extension/style/index.js";
import mainmenu from "@jupyterlab/mainmenu-extension";
import "@jupyterlab/mainmenu-extension/style/index.js";
import notebook from "@jupyterlab/notebook-extension";
import "@jupyterlab/notebook-extension/style/index.js";
import rendermime from "@jupyterlab/rendermime-extension";
import "@jupyterlab/rendermime-extension/style/index.js";
import { IConnectionStatus, IServiceManager } from "@jupyterlab/services";
import services from "@jupyterlab/services-extension";
import shortcuts from "@jupyterlab/shortcuts-extension";
import "@jupyterlab/shortcuts-extension/style/index.js";
import theme from "@jupyterlab/theme-light-extension";
import translation from "@jupyterlab/translation-extension";
import "@jupyterlab/translation-extension/style/index.js";
import uiComponents from "@jupyterlab/ui-components-extension";
import "@jupyterlab/ui-components-extension/style/index.js";
import { PluginRegistry } from "@lumino/coreutils";

const core = [
  application, apputils, cellToolbar, codemirror, completer, docmanager, filebrowser, mainmenu, notebook, rendermime,
  services, shortcuts, theme, translation, uiComponents,
];

// federated: the modules of the extensions that the server has found.
export async function start(federated) {
  const pluginRegistry = new PluginRegistry();
  pluginRegistry.registerPlugins([...core, ...federated.map((module) => module.default)].flat());
  const connectionStatus = await pluginRegistry.resolveOptionalService(IConnectionStatus);
  const serviceManager = await pluginRegistry.resolveOptionalService(IServiceManager);
  const lab = new JupyterLab({ pluginRegistry, connectionStatus, serviceManager });
  window.jupyterapp = lab;
  await lab.start();
}
