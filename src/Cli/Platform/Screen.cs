using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Spectre.Console;

namespace Notebook.Cli.Platform;

/// <summary>What <c>up</c> prints once the platform is ready; its last line is for programs to wait for.</summary>
internal static class Screen
{
    /// <summary>The URL with the token.</summary>
    public static string Url(RunRecord record, DataDirectory data) => $"{record.Gateway}?token={Secrets.Token(data)}";

    /// <summary>Prints the processes, how to connect, and the readiness line.</summary>
    /// <param name="record">What runs.</param>
    /// <param name="data">Where its data are.</param>
    /// <param name="defaultData">Where commands look that are not told.</param>
    public static void Print(RunRecord record, DataDirectory data, string defaultData)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("process", "pid", "address", "log");
        foreach (var column in table.Columns) column.NoWrap().PadRight(2);
        foreach (var process in record.Processes)
        {
            table.AddRow(
                process.Id, $"{process.Process?.Pid}", process.Address,
                Path.GetRelativePath(Environment.CurrentDirectory, data.LogFile(process.Role, process.Id)));
        }

        AnsiConsole.Write(table);
        var url = record.Gateway.TrimEnd('/');
        var at = DataOption(data.Root, defaultData);
        Console.Out.WriteLine($"""

            a notebook in the browser   ./notebook lab{at}
            run a notebook file         ./notebook run{at} samples/notebooks/00-first-steps.ipynb
            your own Jupyter server     jupyter server --gateway-url={url}   (token in JUPYTER_GATEWAY_AUTH_TOKEN)
            what it does                ./notebook status{at}        ./notebook logs{at} -f
            stop it                     ./notebook down{at}

            ready {Url(record, data)}
            """);
    }

    /// <summary>What commands have to be told to find this data directory: nothing, or the option as it is typed in a shell.</summary>
    internal static string DataOption(string root, string defaultData)
    {
        if (Path.GetFullPath(defaultData) == root) return "";
        return root.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c, StringComparison.Ordinal)) ? $" --data {root}" : $" --data '{root.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
