using System.Text;

namespace Notebook.Campaigns;

/// <summary>Keeps the last lines that are written to it.</summary>
internal sealed class LastLines(int most) : TextWriter
{
    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _line = new();

    /// <summary>The last whole lines, in their order.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        if (value != '\n')
        {
            _line.Append(value);
            return;
        }

        if (_lines.Count == most) _lines.Dequeue();
        _lines.Enqueue(_line.ToString());
        _line.Clear();
    }
}
