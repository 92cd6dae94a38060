using System.Diagnostics;
using Notebook.Rig;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Notebooks;

/// <summary>A script of <c>clients/</c> that drives a browser.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);
    private readonly Process _process;
    private readonly List<string> _said = [];
    private readonly Task<string> _errors;

    /// <param name="script">Its file.</param>
    /// <param name="url">The front end.</param>
    /// <param name="folder">The folder of notebooks that it shows.</param>
    /// <param name="what">What to do there.</param>
    public Browser(string script, string url, string folder, string what)
    {
        var start = Command.StartInfo(Command.Python, [Built.File("tests", "Acceptance.Tests", "clients", script), url, folder, what]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits until it prints this line.</summary>
    public async Task SaysAsync(string line)
    {
        do
        {
            var said = await _process.StandardOutput.ReadLineAsync().WithinAsync($"'{line}' of the browser", s_limit);
            _said.Add(said ?? throw new InvalidOperationException($"the browser's script ended before '{line}': {await _errors}"));
        }
        while (_said[^1] != line);
    }

    public Task GoOnAsync() => _process.StandardInput.WriteLineAsync();

    /// <summary>Waits until it has ended well.</summary>
    public async Task EndAsync(ITestOutputHelper output)
    {
        var rest = await _process.StandardOutput.ReadToEndAsync().WithinAsync("the end of the browser's script", s_limit);
        output.WriteLine($"{string.Join('\n', _said)}\n{rest}");
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
