using System.Runtime.InteropServices;

namespace Notebook.Gateway.Doors;

/// <summary>
/// What is subscribed to on iopub, as often as it is. libzmq passes on whatever subscribers send, also the end of a
/// subscription that never was. Not safe for threads but for <see cref="Count"/>.
/// </summary>
internal sealed class Subscriptions
{
    private readonly Dictionary<string, int> _topics = [];
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether a frame says that somebody subscribes to the topic behind its first byte.</summary>
    public static bool IsOne(ReadOnlySpan<byte> frame) => frame is [1, ..];

    /// <summary>Whether a frame says that somebody does so no more.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> frame) => frame is [0, ..];

    /// <summary>Adds the one that a frame names.</summary>
    public void Add(ReadOnlySpan<byte> frame)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_topics, TopicOf(frame), out _)++;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Takes away the one that a frame names.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRemove(ReadOnlySpan<byte> frame)
    {
        var topic = TopicOf(frame);
        if (!_topics.TryGetValue(topic, out var count)) return false;
        if (count == 1) _topics.Remove(topic);
        else _topics[topic] = count - 1;
        Volatile.Write(ref _count, _count - 1);
        return true;
    }

    // Any bytes, one character for each.
    private static string TopicOf(ReadOnlySpan<byte> frame) => System.Text.Encoding.Latin1.GetString(frame[1..]);
}
