using System.Collections.Immutable;
using System.Text;

namespace Notebook.Simulator.Evaluation;

/// <summary>A table in Markdown: names on the left, numbers on the right of their columns.</summary>
internal sealed class MarkdownTable(string name, params ImmutableArray<string> columns)
{
    private readonly StringBuilder _rows = new();

    /// <summary>Adds a row with a value for each column.</summary>
    internal void Add(string row, params ReadOnlySpan<string> values) => _rows.Append($"| {row} | ").AppendJoin(" | ", values).Append(" |\n");

    /// <summary>All of it, and an empty line.</summary>
    public override string ToString() =>
        $"| {name} | {string.Join(" | ", columns)} |\n|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length))}\n{_rows}\n";
}
