using System.Diagnostics;
using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Cli.Lab;

/// <summary>Runs a front end until it is told to stop.</summary>
internal sealed class LabProcess(LabServer lab, DataDirectory data, TimeProvider time)
{
    private const string NewSession = "/usr/bin/setsid";
    private const int LogLinesMax = 100_000;
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(90);

    private string LogFile => Path.Combine(data.Logs, "lab.txt");

    /// <summary>Starts it, calls <paramref name="ready"/> when it answers, and stays until it ends or <paramref name="stop"/>.</summary>
    public async Task RunAsync(Action ready, CancellationToken stop)
    {
        var alone = File.Exists(NewSession);   // a Ctrl-C shall reach us alone: it would ask back
        var info = new ProcessStartInfo(alone ? NewSession : lab.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in alone ? lab.Arguments.Insert(0, lab.Program) : lab.Arguments) info.ArgumentList.Add(argument);
        foreach (var (name, value) in lab.Environment) info.Environment[name] = value;
        Directory.CreateDirectory(Path.GetDirectoryName(lab.ConfigFile)!);
        await File.WriteAllTextAsync(lab.ConfigFile, lab.Config, stop);

        using var process = Process.Start(info) ?? throw new UserException($"{lab.Program} did not start");
        process.StandardInput.Close();
        var identity = ProcessIdentity.Of(process.Id);
        try
        {
            var tail = new Queue<string>();
            var output = LogAsync(process.StandardError, tail);
            var alsoOutput = DrainAsync(process.StandardOutput);
            if (!await AnswersAsync(process, stop))
                throw new UserException($"{Path.GetFileName(lab.Program)} did not start: {tail.LastOrDefault(l => l.Trim().Length > 0)} (all of it is in {LogFile})");
            ready();
            await process.WaitForExitAsync(stop);
            throw new UserException($"{Path.GetFileName(lab.Program)} ended with exit code {process.ExitCode} ({LogFile} says more)");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A normal end: the person pressed Ctrl-C.
        }
        finally
        {
            if (identity is not null) await ProcessEnding.EndAsync(identity, ProcessEnding.Grace, time);
        }
    }

    private async Task<bool> AnswersAsync(Process process, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < StartWithin && !process.HasExited; await Task.Delay(TimeSpan.FromMilliseconds(200), time, stop))
        {
            try
            {
                using var response = await http.GetAsync(new Uri(lab.Url, "/api"), stop);
                return true;
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
            {
                // Not yet.
            }
        }

        return false;
    }

    private async Task LogAsync(StreamReader from, Queue<string> tail)
    {
        await using var log = new StreamWriter(LogFile) { AutoFlush = true };
        for (var lines = 0; await from.ReadLineAsync() is { } line; lines++)
        {
            if (lines < LogLinesMax) await log.WriteLineAsync(line);
            tail.Enqueue(line);
            if (tail.Count > 20) tail.Dequeue();
        }
    }

    private static async Task DrainAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is not null) { }
    }
}
