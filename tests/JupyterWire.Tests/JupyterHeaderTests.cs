using System.Text;
using Xunit;

namespace Notebook.JupyterWire.Tests;

public class JupyterHeaderTests
{
    private static JupyterHeader Parse(string json) => JupyterHeader.Parse(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Reads_what_we_need_and_skips_the_rest()
    {
        var header = Parse("""
            {"other":{"msg_id":"not this"},"msg_id":"m1","list":[1,{"a":2}],"msg_type":"execute_request","session":"s\u00e9",
             "username":"u","date":"2026-11-21T15:00:00.000000Z","version":"5.4","subshell_id":"sub"}
            """);
        Assert.Equal(
            new JupyterHeader("m1", "execute_request", "sé", "u", "2026-11-21T15:00:00.000000Z", "5.4", "sub"), header);
    }

    [Fact]
    public void An_absent_parent_is_the_empty_object() => Assert.Same(JupyterHeader.None, Parse("{}"));

    [Theory]
    [InlineData("""{"msg_id":"m","subshell_id":null}""")]
    [InlineData("""{"msg_id":"m","session":5,"msg_type":{"a":[]}}""")]
    [InlineData(""" { "msg_id" : "m" } """)]
    public void Fields_that_are_no_text_count_as_empty(string json)
    {
        var header = Parse(json);
        Assert.Equal(("m", "", null), (header.MessageId, header.Session, header.SubshellId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"msg_id":"m"}x""")]
    [InlineData("""{"msg_id":"m"}{}""")]
    [InlineData("""{"msg_id":"m",}""")]
    [InlineData("""{"msg_id":}""")]
    [InlineData("""{"msg_id":"\ud800"}""")]
    public void Anything_but_one_object_is_refused(string json) => Assert.Throws<JupyterFormatException>(() => Parse(json));

    [Fact]
    public void Random_bytes_never_do_more_than_throw_our_exception()
    {
        var random = new Random(7);
        var good = """{"msg_id":"m","msg_type":"t","session":"s","x":[1,2,{"y":null}]}"""u8.ToArray();
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = good.ToArray();
            for (var n = random.Next(1, 5); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                JupyterHeader.Parse(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            }
            catch (JupyterFormatException)
            {
            }
        }
    }

    [Fact]
    public void Too_large_a_header_is_refused() =>
        Assert.Throws<JupyterFormatException>(() => Parse($$"""{"msg_id":"{{new string('x', JupyterHeader.MaxBytes)}}"}"""));

    [Fact]
    public void What_we_build_reads_back()
    {
        var message = new MessageBuilder("s", "u", TimeProvider.System).Build("kernel_info_request");
        var header = JupyterHeader.Parse(message.Header.Span);
        Assert.Equal(("kernel_info_request", "s", "u", JupyterHeader.OurVersion),
            (header.MessageType, header.Session, header.Username, header.Version));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", header.Date);
        Assert.Equal("{}", Encoding.UTF8.GetString(message.ParentHeader.Span));
    }
}
