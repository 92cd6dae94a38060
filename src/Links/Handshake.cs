using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Notebook.Links.Protocol;

namespace Notebook.Links;

/// <summary>
/// The four frames that open every link: Hello, Challenge, Proof, Verdict. Each side sends 32 random bytes and proves
/// with them that it holds the cluster key, so neither a wrong key nor a recorded conversation opens a link, and a
/// dialler does not talk to an impostor either. Bounded: 10 seconds, 4 KiB a frame.
/// </summary>
internal static class Handshake
{
    public const uint ProtocolVersion = 2;
    private const int NonceLength = 32;
    private const int MaxFrame = 4096;
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    public static async Task<PeerIdentity> DialAsync(
        WebSocket socket, PeerIdentity self, string purpose, ClusterKey key, string address, CancellationToken cancel)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await SendAsync(socket, new HandshakeFrame
        {
            Hello = new Hello
            {
                ProtocolVersion = ProtocolVersion,
                Role = self.Role,
                Id = self.Id,
                Purpose = purpose,
                Nonce = ByteString.CopyFrom(nonce),
            },
        }, cancel);

        var answer = await ReceiveAsync(socket, cancel);
        if (answer.BodyCase == HandshakeFrame.BodyOneofCase.Verdict)
            throw new LinkRefusedException($"{address} refused {self}: {answer.Verdict.Reason}");
        if (answer.Challenge is not { } challenge)
            throw new LinkException($"{address} does not speak our protocol: expected a challenge, got {answer.BodyCase}");

        var peer = new PeerIdentity(challenge.Role, challenge.Id);
        if (!key.Verify(Statement("listener", nonce, challenge.Nonce.Span, peer), challenge.Proof.Span))
        {
            await SendAsync(socket, new HandshakeFrame { Proof = new Proof() }, cancel);   // so that it can log who failed
            throw new LinkRefusedException($"{peer} at {address} has another cluster key than {self}: give both the same key file");
        }

        var proof = key.Prove(Statement("dialler", nonce, challenge.Nonce.Span, self));
        await SendAsync(socket, new HandshakeFrame { Proof = new Proof { Proof_ = ByteString.CopyFrom(proof) } }, cancel);

        var verdict = (await ReceiveAsync(socket, cancel)).Verdict;
        if (verdict is null) throw new LinkException($"{address} does not speak our protocol: expected a verdict");
        if (!verdict.Accepted) throw new LinkRefusedException($"{peer} at {address} refused {self}: {verdict.Reason}");
        return peer;
    }

    /// <returns>Who dialled and for what.</returns>
    public static async Task<(PeerIdentity Peer, string Purpose)> AcceptAsync(WebSocket socket, LinkServices services, CancellationToken cancel)
    {
        var (self, key, purposes) = (services.Self, services.Key, services.Services.Keys);
        var hello = (await ReceiveAsync(socket, cancel)).Hello
            ?? throw new LinkException("the peer does not speak our protocol: expected a hello");
        var peer = new PeerIdentity(hello.Role, hello.Id);

        if (hello.ProtocolVersion != ProtocolVersion)
        {
            await RefuseAsync(socket, peer,
                $"it speaks protocol version {hello.ProtocolVersion}, {self} speaks {ProtocolVersion}: run the same release on both", cancel);
        }

        if (!purposes.Contains(hello.Purpose))
            await RefuseAsync(socket, peer, $"{self} does not serve '{hello.Purpose}', only {string.Join(", ", purposes)}", cancel);
        if (hello.Nonce.Length != NonceLength)
            await RefuseAsync(socket, peer, $"its nonce has {hello.Nonce.Length} bytes instead of {NonceLength}", cancel);

        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await SendAsync(socket, new HandshakeFrame
        {
            Challenge = new Challenge
            {
                Role = self.Role,
                Id = self.Id,
                Nonce = ByteString.CopyFrom(nonce),
                Proof = ByteString.CopyFrom(key.Prove(Statement("listener", hello.Nonce.Span, nonce, self))),
            },
        }, cancel);

        var proof = (await ReceiveAsync(socket, cancel)).Proof;
        if (proof is null || !key.Verify(Statement("dialler", hello.Nonce.Span, nonce, peer), proof.Proof_.Span))
            await RefuseAsync(socket, peer, "it has another cluster key: give both the same key file", cancel);
        if (services.FaultOf(peer, hello.Purpose) is { } fault) await RefuseAsync(socket, peer, fault, cancel);

        await SendAsync(socket, new HandshakeFrame { Verdict = new Verdict { Accepted = true } }, cancel);
        return (peer, hello.Purpose);
    }

    private static async Task RefuseAsync(WebSocket socket, PeerIdentity peer, string reason, CancellationToken cancel)
    {
        await SendAsync(socket, new HandshakeFrame { Verdict = new Verdict { Reason = reason } }, cancel);
        throw new LinkRefusedException($"refused {peer}: {reason}");
    }

    private static byte[] Statement(string side, ReadOnlySpan<byte> dialler, ReadOnlySpan<byte> listener, PeerIdentity speaker)
    {
        using var statement = new MemoryStream();
        statement.Write(Encoding.UTF8.GetBytes(side));
        statement.WriteByte(0);
        statement.Write(dialler);
        statement.Write(listener);
        statement.Write(Encoding.UTF8.GetBytes($"{speaker.Role}\0{speaker.Id}"));
        return statement.ToArray();
    }

    private static async Task SendAsync(WebSocket socket, HandshakeFrame frame, CancellationToken cancel) =>
        await socket.SendAsync(frame.ToByteArray(), WebSocketMessageType.Binary, endOfMessage: true, cancel);

    private static async Task<HandshakeFrame> ReceiveAsync(WebSocket socket, CancellationToken cancel)
    {
        var buffer = new byte[MaxFrame];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (part.MessageType == WebSocketMessageType.Close) throw new LinkException("the peer closed the link during the handshake");
            length += part.Count;
            if (part.EndOfMessage) break;
            if (length == MaxFrame) throw new LinkException($"a handshake frame of more than {MaxFrame} bytes");
        }

        try
        {
            return HandshakeFrame.Parser.ParseFrom(buffer, 0, length);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new LinkException("the peer does not speak our protocol: its handshake frame cannot be read", e);
        }
    }
}
