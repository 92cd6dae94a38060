using System.Collections.Concurrent;
using System.Globalization;
using Notebook.Raft;

namespace Notebook.Agent.State;

/// <summary>Whose log it is.</summary>
/// <param name="Replica">The replica.</param>
/// <param name="Incarnation">The kernel's incarnation.</param>
internal sealed record LogName(string Replica, int Incarnation);

/// <summary>
/// Whose each log on this disk is, since a group's id does not say it: a small file for each log, written before the log's
/// first entry and deleted after its last. A file that a power cut took leaves a log without a name, which stays.
/// </summary>
internal sealed class LogNames
{
    private const string Temporary = ".new";
    private readonly string _folder;
    private readonly ConcurrentDictionary<GroupId, LogName> _names = new();

    /// <summary>Reads those that are there.</summary>
    public LogNames(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out var group) && Parse(File.ReadAllText(path)) is { } name) _names[new(group)] = name;
            else File.Delete(path);   // half-written
        }
    }

    /// <summary>All.</summary>
    public IReadOnlyCollection<KeyValuePair<GroupId, LogName>> All => [.. _names];

    /// <summary>Whose log it is; null when nobody knows.</summary>
    public LogName? Find(GroupId group) => _names.GetValueOrDefault(group);

    /// <summary>Writes down whose log it is.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Set(GroupId group, LogName name)
    {
        if (Find(group) == name) return;
        var path = PathOf(group);
        File.WriteAllText(path + Temporary, string.Create(CultureInfo.InvariantCulture, $"{name.Replica} {name.Incarnation}\n"));
        File.Move(path + Temporary, path, overwrite: true);
        _names[group] = name;
    }

    /// <summary>The log is gone.</summary>
    public void Remove(GroupId group)
    {
        _names.TryRemove(group, out _);
        File.Delete(PathOf(group));
    }

    private string PathOf(GroupId group) => Path.Combine(_folder, group.Value.ToString("N"));

    private static LogName? Parse(string text)
    {
        var words = text.TrimEnd('\n').Split(' ');
        return text.EndsWith('\n') && words is [{ Length: > 0 } replica, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation) ? new(replica, incarnation) : null;
    }
}
