using System.CommandLine;
using Notebook.Cli.Kernelspecs;
using Notebook.Cli.Lab;
using Notebook.Cli.Platform;
using Notebook.Cli.Setup;
using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook lab</c>: a stock Jupyter front end on the platform, until Ctrl-C.</summary>
internal sealed class LabCommand(CommonOptions common, Installation installation, TimeProvider time)
{
    private readonly Option<int> _port = new("--port") { Description = "Port of the front end (default: the first free one from 8889).", HelpName = "PORT" };
    private readonly Option<bool> _browser = new("--browser") { Description = "Open a browser (default: where there is a screen)." };
    private readonly Option<bool> _noBrowser = new("--no-browser") { Description = "Open none." };
    private readonly Option<string?> _folder = new("--notebook-dir") { Description = "The folder of notebooks to show (default: the current one).", HelpName = "DIR" };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("lab", "Open JupyterLab or Notebook on the platform; starts the platform where it does not run.") { _port, _browser, _noBrowser, _folder };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var signals = new StopSignals();
        var folder = Path.GetFullPath(parsed.GetValue(_folder) ?? Environment.CurrentDirectory);
        if (!Directory.Exists(folder)) throw new UserException($"--notebook-dir {folder}: there is no such folder", ExitCodes.Usage);
        var data = common.OpenData(parsed);
        var program = await FrontEndAsync(data, signals.Token);
        if (RunRecord.Read(data) is not { IsSupervised: true, Ready: true })
        {
            var exitCode = await new DetachedStart(installation, time).RunAsync(["up", "--background", "--data", data.Root], signals.Token);
            if (exitCode != ExitCodes.Ok) return exitCode;
        }

        var (gateway, token) = RunningGateway.Find(data, data.Root);
        var lab = LabServer.Of(program, data, gateway, token, Port(parsed), folder, OpensBrowser(parsed), Environment.IsPrivilegedProcess, JupyterPath(), JupyterPackage.Built.Source);
        FrontEndExtensions.Add(lab);
        await new LabProcess(lab, data, time).RunAsync(() => Console.Out.WriteLine($"""
            {Path.GetFileName(program)} shows {folder}
            Ctrl-C ends it; the platform goes on ('notebook down' ends that)

            ready {lab.Url}
            """), signals.Token);
        return ExitCodes.Ok;
    }

    private async Task<string> FrontEndAsync(DataDirectory data, CancellationToken stop)
    {
        string? Find() => LabServer.Programs
            .SelectMany(name => Programs.OnPath(name).Append(Path.Combine(data.Root, "python", "bin", name)))
            .FirstOrDefault(File.Exists);

        if (Find() is { } found) return found;
        if (!Debian.CanInstall)
            throw new UserException("no Jupyter front end was found: install one with 'pip install jupyterlab' (or Debian's jupyter-notebook) so that jupyter-lab is on your PATH");
        await new Debian(time, Console.Error.WriteLine).RequireAsync(["jupyter-notebook"], ExitCodes.Failed, stop);
        return Find() ?? throw new UserException("jupyter-notebook was installed, but is not on your PATH");
    }

    private int Port(ParseResult parsed)
    {
        var wanted = parsed.GetValue(_port);
        if (wanted is < 0 or > 65535) throw new UserException($"--port {wanted}: between 1 and 65535", ExitCodes.Usage);
        if (wanted != 0 && !Ports.IsFree(wanted))
            throw new UserException($"port {wanted} on 127.0.0.1 is in use: choose another with --port", ExitCodes.PortInUse);
        return wanted != 0 ? wanted : Enumerable.Range(8889, 100).FirstOrDefault(Ports.IsFree) is > 0 and var free
            ? free
            : throw new UserException("no port from 8889 to 8988 is free: choose another with --port", ExitCodes.PortInUse);
    }

    private bool OpensBrowser(ParseResult parsed) =>
        !parsed.GetValue(_noBrowser) && (parsed.GetValue(_browser) || (HasScreen() && !Environment.IsPrivilegedProcess));

    private static bool HasScreen() =>
        ((string[])["DISPLAY", "WAYLAND_DISPLAY"]).Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });

    // The user's extensions stay in reach, though the front end writes to folders of its own.
    private static string JupyterPath() => string.Join(':',
        ((string?[])[
            Environment.GetEnvironmentVariable("JUPYTER_PATH"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "jupyter"),
        ]).Where(part => !string.IsNullOrEmpty(part)));
}
