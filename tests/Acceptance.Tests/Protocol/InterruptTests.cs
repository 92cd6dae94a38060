using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.Protocol;

public class InterruptTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string Sleep = "print('asleep', flush=True)\nimport time; time.sleep(100)";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task By_rest_ends_the_running_cell_within_two_seconds()
    {
        var (kernel, session) = await OpenAsync();
        var cell = await AsleepAsync(session);

        var (status, _) = await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/interrupt", "{}");

        Assert.Equal(204, status);
        Assert.Equal("KeyboardInterrupt", (await session.EndOfAsync(cell, s_limit)).ErrorName);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task By_control_message_ends_the_running_cell_within_two_seconds()
    {
        var (_, session) = await OpenAsync();
        var cell = await AsleepAsync(session);

        await session.AskAsync("control", "interrupt_request");

        Assert.Equal("KeyboardInterrupt", (await session.EndOfAsync(cell, s_limit)).ErrorName);
        Assert.Equal("2", (await session.ExecuteAsync("1 + 1")).Result);
    }

    [Fact]
    public async Task A_cell_sent_after_the_error_was_seen_is_never_aborted_by_it()
    {
        var (kernel, session) = await OpenAsync();
        for (var i = 0; i < 15; i++)
        {
            var cell = await AsleepAsync(session);
            await Api.SendAsync(HttpMethod.Post, $"api/kernels/{kernel}/interrupt", "{}");
            await session.EndOfAsync(cell, s_limit);

            Assert.Equal("ok", (await session.ExecuteAsync("1 + 1")).Status);
        }
    }

    private static async Task<string> AsleepAsync(KernelSession session)
    {
        var cell = await session.SubmitAsync(Sleep);
        await session.OutputOfAsync(cell, "asleep");
        return cell;
    }
}
