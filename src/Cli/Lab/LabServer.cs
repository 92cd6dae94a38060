using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Notebook.Hosting;

namespace Notebook.Cli.Lab;

/// <summary>How to start a stock Jupyter front end on the platform.</summary>
/// <param name="Program">The front end's program.</param>
/// <param name="Arguments">Its arguments; no secret is among them.</param>
/// <param name="Environment">What is added to its environment: the tokens, and folders of its own.</param>
/// <param name="Url">Where a person opens it.</param>
/// <param name="Config">What its <c>jupyter_server_config.py</c> says.</param>
internal sealed record LabServer(
    string Program, ImmutableArray<string> Arguments, ImmutableDictionary<string, string> Environment, Uri Url, string Config)
{
    /// <summary>Where <see cref="Config"/> has to be written for it.</summary>
    public string ConfigFile => Path.Combine(Environment["JUPYTER_CONFIG_DIR"], "jupyter_server_config.py");

    /// <summary>The programs that we know to start, best first.</summary>
    public static readonly ImmutableArray<string> Programs = ["jupyter-lab", "jupyter-notebook"];

    /// <summary>Puts it together. No IO.</summary>
    /// <param name="program">Path of one of <see cref="Programs"/>.</param>
    /// <param name="data">The data directory: settings, signatures and sockets of the front end lie there, not in the user's home.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="token">The token of both.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="folder">The folder of notebooks that it shows.</param>
    /// <param name="openBrowser">Whether it opens a browser.</param>
    /// <param name="isRoot">Whether we are root, which it wants to be told.</param>
    /// <param name="jupyterPath">Where the user's own extensions are looked for; read only.</param>
    /// <param name="plugin">The folder that has our plug-in for Jupyter Server.</param>
    public static LabServer Of(
        string program, DataDirectory data, Uri gateway, string token, int port, string folder, bool openBrowser, bool isRoot, string jupyterPath,
        string plugin)
    {
        var own = Path.Combine(data.Root, "lab");
        var isLab = Path.GetFileName(program) == "jupyter-lab";
        return new LabServer(
            program,
            [
                $"--gateway-url={gateway.ToString().TrimEnd('/')}",
                "--ip=127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"--port={port}"),
                $"--notebook-dir={folder}",
                .. openBrowser ? (string[])[] : ["--no-browser"],
                .. isRoot ? (string[])["--allow-root"] : [],
            ],
            ImmutableDictionary<string, string>.Empty
                .Add("JUPYTER_TOKEN", token)
                .Add("JUPYTER_GATEWAY_AUTH_TOKEN", token)
                .Add("JUPYTER_CONFIG_DIR", Path.Combine(own, "config"))
                .Add("JUPYTER_DATA_DIR", Path.Combine(own, "data"))
                .Add("JUPYTER_RUNTIME_DIR", Path.Combine(own, "run"))
                .Add("JUPYTER_PATH", jupyterPath),
            new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{(isLab ? "lab" : "tree")}?token={token}")),
            ConfigOf(plugin));
    }

    // An older server has no such setting; its own way to the gateway is used then.
    private static string ConfigOf(string plugin) => $"""
        import sys

        import jupyter_server

        if jupyter_server.version_info[:2] >= (2, 6):
            sys.path.append({JsonSerializer.Serialize(plugin)})
            c.ServerApp.kernel_websocket_connection_class = "notebook_jupyter.server.GatewayChannels"

        """;
}
