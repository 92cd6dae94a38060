using System.Text;
using Xunit;

namespace Notebook.JupyterWire.Tests;

public class KernelConnectionTests
{
    [Fact]
    public void Reads_and_writes_connection_files()
    {
        var info = KernelConnection.Parse("""
            {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, "ip": "127.0.0.1",
             "key": "k", "transport": "tcp", "signature_scheme": "hmac-sha256", "kernel_name": "python3", "more": true}
            """u8);
        Assert.Equal(info, KernelConnection.Parse(Encoding.UTF8.GetBytes(info.ToJson())));
        Assert.Equal("tcp://127.0.0.1:4", info.Address(info.ControlPort));
    }

    [Fact]
    public void Unix_sockets_have_short_paths_and_fresh_keys()
    {
        var info = KernelConnection.OverUnixSockets("/run/x/7", "python3");
        Assert.Equal("ipc:///run/x/7-2", info.Address(info.IopubPort));
        Assert.NotEqual(info.Key, KernelConnection.OverUnixSockets("/run/x/7", "python3").Key);
        Assert.Throws<ArgumentException>(() => KernelConnection.OverUnixSockets('/' + new string('x', 106), ""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"signature_scheme":"none"}""")]
    [InlineData("""{"shell_port":"one"}""")]
    public void Other_texts_are_refused(string json) =>
        Assert.Throws<JupyterFormatException>(() => KernelConnection.Parse(Encoding.UTF8.GetBytes(json)));
}
