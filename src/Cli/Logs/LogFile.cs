using System.Text;

namespace Notebook.Cli.Logs;

/// <summary>Reads a log file as it grows. A line counts once its end is written.</summary>
internal sealed class LogFile(string path)
{
    private const int LineBytesMax = 1 << 20;
    private long _read;

    /// <summary>The events that were written since the last call.</summary>
    public IEnumerable<LogLine> ReadNew()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length < _read) _read = 0;   // another file of the same name
        file.Position = _read;
        using var buffered = new BufferedStream(file, 1 << 16);
        var line = new MemoryStream();
        for (int next; (next = buffered.ReadByte()) >= 0;)
        {
            if (next != '\n')
            {
                if (line.Length < LineBytesMax) line.WriteByte((byte)next);
                else _read++;   // what is longer than any line of ours is not kept
                continue;
            }

            _read += line.Length + 1;
            if (LogLine.Parse(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length)) is { } parsed) yield return parsed;
            line.SetLength(0);
        }
    }
}
