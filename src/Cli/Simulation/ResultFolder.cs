using System.Collections.Immutable;
using System.Text;
using Notebook.Simulator.Reports;
using Notebook.Simulator.Results;
using Notebook.Simulator.Traces;

namespace Notebook.Cli.Simulation;

/// <summary>The folder that a simulation writes its results into.</summary>
internal sealed class ResultFolder
{
    /// <summary>The page to look at.</summary>
    public const string Page = "report.html";

    /// <summary>The figures, for programs.</summary>
    public const string Json = "result.json";

    private const string Cells = "cells.csv";
    private const string Series = "series.csv";
    private static readonly Encoding s_utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    private readonly string _path;
    private readonly bool _isNew;

    private ResultFolder(string shown, string path, bool isNew) => (Shown, _path, _isNew) = (shown, path, isNew);

    /// <summary>Its path as it was given.</summary>
    public string Shown { get; }

    /// <summary>Where results go when nobody says otherwise: a folder of the trace's and the regimes' names.</summary>
    public static string Default(Trace trace, IEnumerable<string> regimes) => Path.Combine(
        "simulations", string.Join('-', (string[])[trace.Name, .. trace.Window is { } window ? (string[])[$"{window}"] : [], .. regimes]));

    /// <summary>Makes the folder, or takes one that has nothing but an earlier simulation's results in it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="force">Whether to take any other too; what is not a result stays in it.</param>
    /// <exception cref="Hosting.UserException">It cannot be made, or is somebody else's.</exception>
    public static ResultFolder Open(string path, bool force)
    {
        var full = Path.GetFullPath(path);
        try
        {
            var isNew = !Directory.Exists(full);
            Directory.CreateDirectory(full);
            var other = Directory.EnumerateFileSystemEntries(full).Select(Path.GetFileName).Order().FirstOrDefault(name => name is not (Page or Json or Cells or Series));
            if (other is not null && !force)
                throw OptionText.Usage($"--out {path}: {other} is in it, which no simulation wrote: choose another folder, or write there all the same with --force");
            return new ResultFolder(path, full, isNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OptionText.Usage($"--out {path}: {e.Message}");
        }
    }

    /// <summary>Writes everything.</summary>
    public void Write(ImmutableArray<RegimeResult> results)
    {
        using (var json = File.Create(In(Json))) ResultJson.Write(results, json);
        using (var cells = new StreamWriter(In(Cells), append: false, s_utf8)) CellsCsv.Write(results.Select(result => result.Facts), cells);
        using (var series = new StreamWriter(In(Series), append: false, s_utf8)) SeriesCsv.Write(results, series);
        using (var page = new StreamWriter(In(Page), append: false, s_utf8)) HtmlReport.Write(results, page);
    }

    /// <summary>There are no results: a folder that was made for them goes.</summary>
    public void Abandon()
    {
        if (_isNew) Directory.Delete(_path);
    }

    private string In(string name) => Path.Combine(_path, name);
}
