using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Cli.Kernelspecs;
using Notebook.Cli.Notebooks;
using Notebook.Cli.Platform;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary>
/// <c>notebook install-kernelspec</c>: a kernelspec with which any Jupyter of this machine starts kernels on the platform, and
/// the kernel provisioner that it needs.
/// </summary>
internal sealed class InstallKernelspecCommand(CommonOptions common, TimeProvider time)
{
    private const string DefaultKernel = "python3";

    private readonly Option<bool> _user = new("--user") { Description = "Install for this user (default, but in a virtual environment)." };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Install below this folder, such as a virtual environment.", HelpName = "DIR" };
    private readonly Option<string?> _python = new("--python") { Description = "Python of your Jupyter (default: the first that has jupyter_client).", HelpName = "PATH" };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the kernelspec (default: KERNEL-replicated).", HelpName = "NAME" };
    private readonly Option<string?> _displayName = new("--display-name") { Description = "What people choose it by (default: \"Python 3 (replicated)\").", HelpName = "TEXT" };
    private readonly Option<string> _kernel = new("--kernel") { Description = "The platform's kernelspec.", HelpName = "KERNEL", DefaultValueFactory = _ => DefaultKernel };
    private readonly Option<string[]> _env = new("--env") { Description = "Environment of its kernels, such as KERNEL_GPUS=2; may be given several times.", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _url = new("--url") { Description = "A gateway elsewhere (default: the platform of the data directory, wherever it listens).", HelpName = "URL" };
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "File with the token for --url; the kernelspec names the file.", HelpName = "FILE" };
    private readonly Option<bool> _remove = new("--remove") { Description = "Remove it again." };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("install-kernelspec", "Have your own Jupyter offer kernels of the platform.")
        {
            _user, _prefix, _python, _name, _displayName, _kernel, _env, _url, _tokenFile, _remove, _json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var prefix = parsed.GetValue(_prefix) is { } named ? Path.GetFullPath(named) : null;
        if (prefix is not null && parsed.GetValue(_user)) throw new UserException("--user and --prefix exclude each other", ExitCodes.Usage);
        var name = parsed.GetValue(_name) ?? $"{parsed.GetRequiredValue(_kernel)}-replicated";
        if (PlatformKernelspec.Fault(name) is { } fault) throw new UserException(fault, ExitCodes.Usage);
        var python = await JupyterPython.FindAsync(parsed.GetValue(_python), prefix, time, cancel);
        var place = InstallPlace.Of(python, parsed.GetValue(_user), prefix);
        try
        {
            return parsed.GetValue(_remove)
                ? await RemoveAsync(place, name, parsed)
                : await InstallAsync(place, python, await SpecAsync(name, parsed, cancel), parsed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot write there: {e.Message} Choose another place with --prefix.");
        }
    }

    private async Task<int> InstallAsync(InstallPlace place, JupyterPython python, PlatformKernelspec spec, ParseResult parsed)
    {
        var kernelspec = spec.WriteTo(place.Kernels);
        var package = JupyterPackage.Built.InstallIn(place.Site);
        if (parsed.GetValue(_json))
        {
            await ShowAsync(new JsonObject { ["name"] = spec.Name, ["kernelspec"] = kernelspec, ["package"] = package, ["python"] = python.Path });
            return ExitCodes.Ok;
        }

        await Console.Out.WriteLineAsync($"kernelspec '{spec.DisplayName}' is in {kernelspec}");
        await Console.Out.WriteLineAsync($"its provisioner for jupyter_client {python.JupyterClient} of {python.Path} is in {package}");
        await Console.Out.WriteLineAsync($"start a Jupyter that runs already anew, and it offers it; to remove it: notebook install-kernelspec --name {spec.Name} --remove");
        return ExitCodes.Ok;
    }

    private async Task<int> RemoveAsync(InstallPlace place, string name, ParseResult parsed)
    {
        var removed = PlatformKernelspec.Remove(place.Kernels, name);
        if (!PlatformKernelspec.AnyIn(place.Kernels)) JupyterPackage.RemoveFrom(place.Site);
        if (parsed.GetValue(_json)) await ShowAsync(new JsonObject { ["name"] = name, ["removed"] = removed });
        else await Console.Out.WriteLineAsync(removed is null ? $"there is no kernelspec {Path.Combine(place.Kernels, name)}" : $"removed {removed}");
        return ExitCodes.Ok;
    }

    private async Task<PlatformKernelspec> SpecAsync(string name, ParseResult parsed, CancellationToken cancel)
    {
        var kernel = parsed.GetRequiredValue(_kernel);
        var (config, address, token) = Target(parsed);
        config["platform_kernel"] = kernel;
        JsonNode? known = null;
        if (address is not null)
        {
            using var kernels = new KernelsClient(address, token);
            var all = await kernels.SpecsAsync(cancel);
            known = all[kernel]?["spec"]
                ?? throw new UserException($"--kernel {kernel}: the platform has no such kernelspec; there are: {string.Join(", ", all.Select(s => s.Key).Order())}");
        }
        else if (kernel != DefaultKernel)
        {
            throw new UserException($"--kernel {kernel}: the platform has to say what that is; start it with 'notebook up --detach' and try again");
        }

        var display = parsed.GetValue(_displayName) ?? (kernel == DefaultKernel ? "Python 3 (replicated)" : $"{NotebookDocument.Text(known?["display_name"]) ?? kernel} (replicated)");
        return new PlatformKernelspec(
            name, display, NotebookDocument.Text(known?["language"]) ?? "python", EnvironmentOf(parsed), config, known?["metadata"]?["debugger"]?.GetValueKind() == System.Text.Json.JsonValueKind.True);
    }

    /// <summary>What the provisioner is told of where the platform is; and where it is now, null when it does not run.</summary>
    private (JsonObject Config, Uri? Address, string Token) Target(ParseResult parsed)
    {
        if (parsed.GetValue(_url) is { } url)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new UserException($"--url {url}: a URL such as http://127.0.0.1:8888", ExitCodes.Usage);
            var file = Path.GetFullPath(parsed.GetValue(_tokenFile)
                ?? throw new UserException("--url needs --token-file, a file with the token, readable by you alone", ExitCodes.Usage));
            return (new JsonObject { ["url"] = url, ["token_file"] = file }, new Uri(url.TrimEnd('/') + "/"), Secrets.ReadToken(file));
        }

        if (parsed.GetValue(_tokenFile) is not null) throw new UserException("--token-file goes with --url", ExitCodes.Usage);
        var config = new JsonObject { ["data_directory"] = common.DataPath(parsed) };
        return RunningGateway.TryFind(common.FindData(parsed)) is var (running, token) ? (config, running, token) : (config, null, "");
    }

    private Dictionary<string, string> EnvironmentOf(ParseResult parsed)
    {
        var environment = new Dictionary<string, string>();
        foreach (var text in parsed.GetValue(_env) ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } variable, var value]) throw new UserException($"--env {text}: NAME=VALUE, such as KERNEL_GPUS=2", ExitCodes.Usage);
            environment[variable] = value;
        }

        return environment;
    }

    private static Task ShowAsync(JsonObject result) => Console.Out.WriteLineAsync(result.ToJsonString(Json.Options));
}
