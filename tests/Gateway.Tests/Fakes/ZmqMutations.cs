using Notebook.JupyterWire;
using Notebook.JupyterWire.WebSockets;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Makes ZMQ messages that are wrong in all the ways in which one can be, by somebody who may know the key.</summary>
internal sealed class ZmqMutations(Random random, string key) : IDisposable
{
    private const int Delimiter = 0;
    private const int Signature = 1;
    private readonly MessageMutations _messages = new(random);
    private readonly MessageSigner _signer = new(key);
    private readonly MessageSigner _forger = new("another key");
    private IReadOnlyList<ReadOnlyMemory<byte>>? _last;

    /// <summary>The frames, and whether they cannot be taken, whatever their parts say.</summary>
    public (IReadOnlyList<ReadOnlyMemory<byte>> Frames, bool IsWrong) Next()
    {
        var frames = Framed(_signer, _messages.Right());
        switch (random.Next(14))
        {
            case 0:
                frames.RemoveAt(Delimiter);
                break;
            case 1:
                frames[Delimiter] = Garbage(20);
                break;
            case 2:
                frames[Signature] = Garbage(random.Next(2) == 0 ? 64 : 5000);
                break;
            case 3:
                frames = Framed(_forger, _messages.Right());
                break;
            case 4 when _last is not null:
                return (_last, true);
            case 5:
                frames.RemoveRange(1 + random.Next(5), 1);
                break;
            case 6:
                frames.AddRange(Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, 4097 + random.Next(8000)));
                break;
            case 7:
                frames.InsertRange(0, Enumerable.Range(0, random.Next(1, 30)).Select(_ => (ReadOnlyMemory<byte>)Garbage(20)));
                break;
            case 8:
                frames[2 + random.Next(4)] = random.Next(2) == 0 ? ReadOnlyMemory<byte>.Empty : Garbage(200);
                break;
            case 9:
                frames.Add(new byte[(1 << 20) - 10]);
                break;
            case 10:
                return ([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (ReadOnlyMemory<byte>)Garbage(100))], true);
            case 11:
                return (_last = frames, false);
            default:
                return (Framed(_signer, _messages.Next()), false);
        }

        return (frames, true);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _forger.Dispose();
    }

    private static List<ReadOnlyMemory<byte>> Framed(MessageSigner signer, in SocketMessage message) =>
        ZmqFraming.Build(new JupyterMessage(message.Header, message.ParentHeader, message.Metadata, message.Content, message.Buffers), signer);

    private byte[] Garbage(int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }
}
