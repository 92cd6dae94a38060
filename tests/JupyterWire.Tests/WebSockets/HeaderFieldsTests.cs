using Notebook.JupyterWire.WebSockets;
using Xunit;
using static Notebook.JupyterWire.Tests.WebSockets.Samples;

namespace Notebook.JupyterWire.Tests.WebSockets;

public sealed class HeaderFieldsTests
{
    [Fact]
    public void Fields_are_found_among_others()
    {
        Assert.True(HeaderFields.TryRead(Bytes("""{"x":{"msg_id":"no"},"msg_type":"t","msg_id":"i\u00e4","session":null}""").Span, out var fields, out _));
        Assert.Equal(new HeaderFields("iä", "t", ""), fields);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"msg_id":"","msg_type":"t"}""")]
    [InlineData("""{"msg_id":"i"}""")]
    [InlineData("""{"msg_id":3,"msg_type":"t"}""")]
    [InlineData("""{"msg_id":"\ud800","msg_type":"t"}""")]
    [InlineData("[")]
    [InlineData("")]
    public void A_header_without_id_or_type_is_refused(string header)
    {
        Assert.False(HeaderFields.TryRead(Bytes(header).Span, out _, out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void An_id_without_end_is_refused() =>
        Assert.False(HeaderFields.TryRead(Bytes($$"""{"msg_id":"{{new string('x', 1000)}}","msg_type":"t"}""").Span, out _, out _));
}
