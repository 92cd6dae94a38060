using System.Text;
using System.Text.Json;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Tests.Kernels;

/// <summary>What the gateway reads in a cell's code. The kernel package's rules are the same: <c>Kernel.Tests/driver/wire.py</c>.</summary>
public sealed class GpuMagicTests
{
    [Theory]
    [InlineData("%%gpu 2\nx = 1", 2, 0, 0, 0)]
    [InlineData("%%gpu 0", 0, 0, 0, 0)]
    [InlineData("\n \t\r\n\u2028\u00a0\n%%gpu 2", 2, 0, 0, 0)]
    [InlineData("    %%gpu 2\n    x = 1", 2, 0, 0, 0)]
    [InlineData("%%gpu   2  \r\nx", 2, 0, 0, 0)]
    [InlineData("%%gpu 1 --vram 16.5 --cpus 4000 --memory 8192\nx", 1, 16.5, 4000, 8192)]
    [InlineData("%%gpu --memory=1e3 --vram=16 1\nx", 1, 16, 0, 1000)]
    [InlineData("%%gpu 4\n%%time\nx", 4, 0, 0, 0)]
    public void A_cell_asks_in_its_first_line(string code, int gpus, double vram, int cpus, long memory) =>
        Assert.Equal(new GpuMagic.Asks(new ResourceRequest(gpus, vram, cpus, memory)), Read(code));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("x = 1\n%%gpu 2")]
    [InlineData("# two\n%%gpu 2")]
    [InlineData("%%time\n%%gpu 2")]
    [InlineData("'%%gpu 2'")]
    [InlineData("\u00a0%%gpu 2")]
    [InlineData("%%gpu?")]
    [InlineData("%%gpus 2")]
    [InlineData("%%gpu\t2")]
    [InlineData("% %gpu 2")]
    [InlineData("%gpu 2\nx = 1")]
    [InlineData("%gpu")]
    [InlineData("%gpu {n}")]
    [InlineData("%gpu $n")]
    [InlineData("\\%%gpu 2")]
    [InlineData("\ud83d\ude00 %%gpu 2")]
    public void Other_code_says_nothing(string code) => Assert.Null(Read(code));

    [Theory]
    [InlineData("%gpu 2")]
    [InlineData("\n%gpu default\n\n")]
    [InlineData("%gpu rubbish")]
    public void A_cell_that_only_sets_what_others_get_needs_none(string code) => Assert.IsType<GpuMagic.Sets>(Read(code));

    [Theory]
    [InlineData("%%gpu", "needs a number of GPUs")]
    [InlineData("%%gpu --vram 16", "needs a number of GPUs")]
    [InlineData("%%gpu two", "not 'two'")]
    [InlineData("%%gpu -1", "from 0 to 1,024, not -1")]
    [InlineData("%%gpu 1025", "from 0 to 1,024, not 1025")]
    [InlineData("%%gpu 1.5", "whole number of GPUs, not 1.5")]
    [InlineData("%%gpu NaN", "from 0 to 1,024, not NaN")]
    [InlineData("%%gpu 1 2", "two numbers of GPUs")]
    [InlineData("%%gpu 1 --tpus 3", "no option '--tpus'")]
    [InlineData("%%gpu 1 --vram", "--vram needs a value")]
    [InlineData("%%gpu 1 --vram x", "%%gpu --vram takes a number, not 'x'")]
    [InlineData("%%gpu 1 --cpus -5", "%%gpu --cpus must be from 0 to 1,000,000,000, not -5")]
    [InlineData("%%gpu 1 --cpus 1 --cpus 2", "--cpus twice")]
    [InlineData("%%gpu 1 --memory 1e999", "%%gpu --memory must be from 0")]
    [InlineData("%%gpu {n}", "write the number itself")]
    [InlineData("%%gpu $n --vram 1", "write the number itself")]
    public void A_request_that_cannot_be_met_says_why(string code, string reason) =>
        Assert.Contains(reason, Assert.IsType<GpuMagic.Wrong>(Read(code + "\nx = 1")).Fault, StringComparison.Ordinal);

    [Fact]
    public void Every_character_may_be_an_escape()
    {
        var escaped = string.Concat("\n%%gpu 2\nx".Select(c => $"\\u{(int)c:x4}"));

        Assert.Equal(new GpuMagic.Asks(new ResourceRequest(2)), GpuMagic.Read(CodeHead.Read(Encoding.ASCII.GetBytes(escaped))));
    }

    [Theory]
    [InlineData("%%gpu 2\\")]
    [InlineData("%%gpu 2\\u")]
    [InlineData("%%gpu 2\\ud83")]
    [InlineData("\\ud83d")]
    public void Broken_escapes_are_no_failure(string text) => CodeHead.Read(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_first_line_without_end_is_read_to_its_bound()
    {
        Assert.Equal(CodeHead.MaxLength, CodeHead.Read(Encoding.UTF8.GetBytes("%" + new string('x', 1 << 20))).Line.Length);
        Assert.Equal("", CodeHead.Read(Encoding.UTF8.GetBytes(new string('x', 1 << 20))).Line);
    }

    private static GpuMagic? Read(string code) => GpuMagic.Read(CodeHead.Read(JsonSerializer.SerializeToUtf8Bytes(code).AsSpan()[1..^1]));
}
