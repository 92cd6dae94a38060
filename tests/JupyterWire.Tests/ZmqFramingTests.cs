using System.Text;
using Xunit;

namespace Notebook.JupyterWire.Tests;

public sealed class ZmqFramingTests : IDisposable
{
    private readonly MessageSigner _signer = new("a0436f6c-1916-498b-8eb9-e81ab9368e84");

    public void Dispose() => _signer.Dispose();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static JupyterMessage Message(Random random) => new(
        Noise(random), Noise(random), Noise(random), Noise(random),
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => Noise(random))]);

    private static ReadOnlyMemory<byte> Noise(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void Any_message_comes_back_as_it_went()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var message = Message(random);
            ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, random.Next(3)).Select(n => (ReadOnlyMemory<byte>)Bytes($"id{n}"))];
            var back = ZmqFraming.Parse(ZmqFraming.Build(message, _signer, identities), _signer);
            Assert.True(back.SignatureIsRight);
            Assert.Equal(identities.Select(i => i.ToArray()), back.Identities.Select(i => i.ToArray()));
            Assert.Equal(Parts(message), Parts(back.Message));
        }

        static IEnumerable<byte[]> Parts(JupyterMessage m) =>
            [m.Header.ToArray(), m.ParentHeader.ToArray(), m.Metadata.ToArray(), m.Content.ToArray(), .. m.Buffers.Select(b => b.ToArray())];
    }

    [Fact]
    public void The_signature_is_what_python_computes()
    {
        // hmac.new(b"a0436f6c-1916-498b-8eb9-e81ab9368e84", b'{"msg_id":"1"}{}{}{"code":"1+1"}', "sha256").hexdigest()
        var signature = _signer.Sign(new(Bytes("""{"msg_id":"1"}"""), Bytes("{}"), Bytes("{}"), Bytes("""{"code":"1+1"}"""), []));
        Assert.Equal("571f54ca20ac469366661f0eb466e6d650eee65ae12436bc786b76a5eb890b86", Encoding.ASCII.GetString(signature));
    }

    [Fact]
    public void One_changed_byte_of_any_signed_part_is_noticed()
    {
        var frames = ZmqFraming.Build(new(Bytes("{}"), Bytes("{}"), Bytes("{}"), Bytes("{}"), []), _signer);
        for (var part = 1; part < frames.Count; part++)
        {
            var forged = frames.Select(f => f.ToArray()).ToList();
            forged[part][0] ^= 1;
            Assert.False(ZmqFraming.Parse([.. forged.Select(f => (ReadOnlyMemory<byte>)f)], _signer).SignatureIsRight);
        }

        frames[1] = ReadOnlyMemory<byte>.Empty;
        Assert.False(ZmqFraming.Parse(frames, _signer).SignatureIsRight);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a|b")]
    [InlineData("<IDS|MSG>")]
    [InlineData("id,<IDS|MSG>,sig,{},{},{}")]
    public void Too_few_frames_are_refused(string frames) => Assert.Throws<JupyterFormatException>(() =>
        ZmqFraming.Parse([.. frames.Split(',').Select(f => (ReadOnlyMemory<byte>)Bytes(f))], _signer));

    [Fact]
    public void Too_many_identities_are_refused()
    {
        var message = new JupyterMessage(Bytes("{}"), Bytes("{}"), Bytes("{}"), Bytes("{}"), []);
        var frames = ZmqFraming.Build(message, _signer, [.. Enumerable.Repeat((ReadOnlyMemory<byte>)Bytes("x"), 100)]);
        Assert.Throws<JupyterFormatException>(() => ZmqFraming.Parse(frames, _signer));
    }

    [Fact]
    public void A_key_is_needed() => Assert.Throws<JupyterFormatException>(() => new MessageSigner(""));
}
