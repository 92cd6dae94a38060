using System.ComponentModel;
using System.Diagnostics;
using Notebook.Contracts;
using Notebook.Contracts.Provisioning;
using Notebook.Hosting.Processes;

namespace Notebook.Silo.Provisioning;

/// <summary>
/// Runs the operator's command, <c>COMMAND add SERVER</c> or <c>COMMAND remove SERVER</c>. It has succeeded when it ends with
/// exit code 0. Past its time all processes of its group are ended.
/// </summary>
/// <param name="settings">The command.</param>
/// <param name="silo">Where agents find this silo.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where what it prints goes.</param>
internal sealed partial class CommandProvisioner(
    ProvisioningSettings settings, SiloLocation silo, TimeProvider time, ILogger<CommandProvisioner> log) : IServerProvisioner
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);
    private const int LongestLine = 1000;

    /// <inheritdoc/>
    public string Name => "command";

    /// <inheritdoc/>
    public Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel) => RunAsync("add", server, cancel);

    /// <inheritdoc/>
    public Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel) => RunAsync("remove", server, cancel);

    private async Task<ProvisionOutcome> RunAsync(string verb, ServerId server, CancellationToken cancel)
    {
        var line = $"{settings.Command} {verb} {server}";
        using var process = new Process { StartInfo = StartInfo(verb, server) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new ProvisionOutcome.Failed($"'{line}' could not be started: {e.Message}");
        }

        process.StandardInput.Close();
        string? lastWord = null;
        var readers = Task.WhenAll(
            ReadAsync(process.StandardOutput, text => LogPrinted(line, text)),
            ReadAsync(process.StandardError, text =>
            {
                LogPrinted(line, text);
                if (text.Length > 0) lastWord = text.Length > LongestLine ? text[..LongestLine] : text;
            }));

        var started = time.GetTimestamp();
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            return new ProvisionOutcome.Failed(
                $"'{line}' was ended, with all that it had started: it had not finished after {time.GetElapsedTime(started).TotalSeconds:0} s{Words()}");
        }

        // What it left in the background may hold its pipes open.
        await Task.WhenAny(readers, Task.Delay(s_lastWords, time, CancellationToken.None));
        return process.ExitCode == 0
            ? new ProvisionOutcome.Done()
            : new ProvisionOutcome.Failed($"'{line}' ended with exit code {process.ExitCode}{Words()}");

        string Words() => Volatile.Read(ref lastWord) is { } word ? $": {word}" : "";
    }

    private ProcessStartInfo StartInfo(string verb, ServerId server)
    {
        string[] words = [.. AgentLaunch.InOwnSession, settings.Command!, verb, server.Value];
        return new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["NOTEBOOK_ACTION"] = verb,
                ["NOTEBOOK_SERVER"] = server.Value,
                ["NOTEBOOK_SERVER_GPUS"] = $"{settings.ServerGpus}",
                ["NOTEBOOK_SILO"] = $"{silo.ForAgents}",
            },
        };
    }

    /// <summary>It leads a session, and so a group, of its own; whoever left that is found as its descendant.</summary>
    private async Task EndAsync(Process process)
    {
        var identity = ProcessIdentity.Of(process.Id);
        Posix.KillGroup(process.Id, Posix.Terminate);
        if (identity is not null) await ProcessEnding.EndAsync(identity, TimeSpan.FromSeconds(1), time);
        Posix.KillGroup(process.Id, Posix.ForceEnd);
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text) line(text);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Its pipe closed with it.
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "{Command}: {Line}")]
    private partial void LogPrinted(string command, string line);
}
