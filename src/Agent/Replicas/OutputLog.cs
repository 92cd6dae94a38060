using System.Text.Json;
using Google.Protobuf;
using Notebook.JupyterWire;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Replicas;

/// <summary>
/// What a replica said, numbered from 1, kept until it has been delivered. Bounded in bytes: beyond that the oldest
/// outputs go, never replies or states, and in the place of the first of a cell's dropped outputs stands a line on its
/// standard error that says how many are missing. So numbers only grow, but where outputs were dropped some are absent.
/// </summary>
internal sealed class OutputLog(string replica, long maxBytes)
{
    private const string ParentlessKey = "";
    private readonly List<Entry?> _entries = [];   // by number, from _first
    private readonly Dictionary<string, Notice> _notices = [];
    private ulong _first = 1;
    private ulong _dropFrom = 1;   // all before this one are gone, or may not be dropped
    private long _bytes;

    private sealed record Entry(Output Output, long Size);

    private sealed record Notice(ulong Number, long Dropped);

    /// <summary>The number of the next output.</summary>
    public ulong Next => _first + (ulong)_entries.Count;

    /// <summary>Outputs that were dropped and not delivered, over the log's life.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bytes that are kept.</summary>
    public long Bytes => _bytes;

    /// <summary>Takes a message; returns it with its number.</summary>
    public Output Append(JupyterFrame message)
    {
        var output = new Output { Replica = replica, Number = Next, Message = message };
        _entries.Add(new Entry(output, Size(message)));
        _bytes += _entries[^1]!.Size;
        if (_bytes > maxBytes) Shrink();
        return output;
    }

    /// <summary>Forgets everything up to <paramref name="number"/>.</summary>
    public void Delivered(ulong number)
    {
        if (number < _first) return;
        var count = (int)Math.Min(number - _first + 1, (ulong)_entries.Count);
        for (var i = 0; i < count; i++)
        {
            if (_entries[i] is not { } entry) continue;
            _bytes -= entry.Size;
            if (_notices.TryGetValue(entry.Output.Message.ParentId, out var notice) && notice.Number == entry.Output.Number)
                _notices.Remove(entry.Output.Message.ParentId);
        }

        _entries.RemoveRange(0, count);
        _first += (ulong)count;
        _dropFrom = Math.Max(_dropFrom, _first);
    }

    /// <summary>The first output that is kept with a number above <paramref name="number"/>; null when there is none.</summary>
    public Output? After(ulong number)
    {
        for (var i = number < _first ? 0 : (int)Math.Min(number - _first + 1, (ulong)_entries.Count); i < _entries.Count; i++)
            if (_entries[i] is { } entry) return entry.Output;
        return null;
    }

    /// <summary>How many outputs above <paramref name="number"/> were made, but are no longer kept.</summary>
    public ulong MissingAfter(ulong number)
    {
        var missing = _first > number + 1 ? _first - number - 1 : 0;
        for (var i = number < _first ? 0 : (int)Math.Min(number - _first + 1, (ulong)_entries.Count); i < _entries.Count; i++)
            if (_entries[i] is null) missing++;
        return missing;
    }

    private void Shrink()
    {
        for (; _bytes > maxBytes && _dropFrom < Next - 1; _dropFrom++)
        {
            if (_entries[(int)(_dropFrom - _first)] is { } entry && MayDrop(entry.Output.Message)) Drop(entry);
        }

        // Only replies, states and lines of ours are left: they are small, so this takes very many of them.
        while (_bytes > 2 * maxBytes && _entries.Count > 1) Delivered(_first);
    }

    private static bool MayDrop(JupyterFrame message) => message.Channel == Channel.Iopub
        && message.MessageType is "stream" or "display_data" or "update_display_data" or "execute_result" or "comm_msg";

    private void Drop(Entry entry)
    {
        Dropped++;
        _bytes -= entry.Size;
        _entries[(int)(entry.Output.Number - _first)] = null;
        var parent = entry.Output.Message.ParentId is { Length: > 0 } id ? id : ParentlessKey;
        var notice = _notices.TryGetValue(parent, out var earlier)
            ? earlier with { Dropped = earlier.Dropped + 1 }
            : new Notice(entry.Output.Number, 1);
        _notices[parent] = notice;
        var at = (int)(notice.Number - _first);
        if (_entries[at] is { } old) _bytes -= old.Size;
        var message = Line(entry.Output.Message, notice);
        _entries[at] = new(new Output { Replica = replica, Number = notice.Number, Message = message }, Size(message));
        _bytes += _entries[at]!.Size;
    }

    private JupyterFrame Line(JupyterFrame dropped, Notice notice)
    {
        var header = JupyterHeader.Parse(dropped.Header.Span);
        var id = $"{replica}-dropped-{notice.Number}";
        return new JupyterFrame
        {
            Channel = Channel.Iopub,
            Header = UnsafeByteOperations.UnsafeWrap(MessageBuilder.WriteHeader(id, "stream", header.Session, header.Username, header.Date)),
            ParentHeader = dropped.ParentHeader,
            Metadata = ByteString.CopyFromUtf8("{}"),
            Content = UnsafeByteOperations.UnsafeWrap(JsonSerializer.SerializeToUtf8Bytes(new
            {
                name = "stderr",
                text = $"[{notice.Dropped} outputs are missing here: nobody fetched them, and only {maxBytes >> 20} MiB are kept]\n",
            })),
            MessageId = id,
            MessageType = "stream",
            ParentId = dropped.ParentId,
            ParentSession = dropped.ParentSession,
        };
    }

    private static long Size(JupyterFrame message) => message.CalculateSize() + 256;   // with what an entry costs by itself
}
