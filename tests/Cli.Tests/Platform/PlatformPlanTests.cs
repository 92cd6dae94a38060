using System.Collections.Immutable;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;
using Xunit;

namespace Notebook.Cli.Tests.Platform;

public sealed class PlatformPlanTests : IDisposable
{
    private static readonly Installation Here = new("/app", "/app/artifacts/bin", "release", "/usr/bin/dotnet");
    private static readonly UpSettings Settings = new(Agents: 3, Gpus: "simulated:8", Port: 8888, Token: null, Pythons: [], Pool: 2);
    private readonly TemporaryData _temporary = new();

    public void Dispose() => _temporary.Dispose();

    private ImmutableArray<ChildSpec> Plan(UpSettings settings, GpuShares? shares = null) => PlatformPlan.Of(
        Here, _temporary.Data, settings, shares ?? GpuShares.AsAsked(settings.Gpus), ["/usr/bin/python3"], ImmutableDictionary<string, string>.Empty,
        id => id == "silo" ? 9000 : id == "gateway" ? 8888 : 9000 + int.Parse(id[6..], System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void The_silo_starts_first_and_the_gateway_last() =>
        Assert.Equal(["silo", "agent-1", "agent-2", "agent-3", "gateway"], Plan(Settings).Select(c => c.Id));

    [Fact]
    public void Everyone_is_told_where_the_silo_is()
    {
        foreach (var child in Plan(Settings).Where(c => c.Role != "silo"))
            Assert.Equal("ws://127.0.0.1:9000/", Value(child, "--silo"));
    }

    [Fact]
    public void An_agent_gets_a_name_GPUs_pythons_and_its_address_of_now_and_later()
    {
        var agent = Plan(Settings)[2];
        Assert.Contains("/app/artifacts/bin/Agent/release/Notebook.Agent.dll", agent.Command);
        Assert.Equal("agent-2", Value(agent, "--id"));
        Assert.Equal("127.0.0.1:9002", Value(agent, "--listen"));
        Assert.Equal("ws://127.0.0.1:9002/", Value(agent, "--advertise"));
        Assert.Equal("simulated:8", Value(agent, "--gpus"));
        Assert.Equal("/usr/bin/python3", Value(agent, "--python"));
        Assert.DoesNotContain("--kernelspecs", agent.Command);   // Jupyter's own folders
        Assert.Equal("2", Value(agent, "--pool"));
    }

    [Fact]
    public void The_silo_alone_is_told_how_state_is_kept()
    {
        var plan = Plan(Settings with { Durability = "all", Standby = "cold" });
        Assert.Equal(("all", "cold"), (Value(plan[0], "--durability"), Value(plan[0], "--standby")));
        foreach (var child in plan.Skip(1).Concat(Plan(Settings)))
            Assert.DoesNotContain(child.Command, argument => argument is "--durability" or "--standby");
    }

    [Fact]
    public void The_silo_alone_is_told_how_many_processes_servers_keep_warm()
    {
        var plan = Plan(Settings with { Prewarm = "littles-law" });
        Assert.Equal("littles-law", Value(plan[0], "--prewarm"));
        foreach (var child in plan.Skip(1).Concat(Plan(Settings))) Assert.DoesNotContain("--prewarm", child.Command);
        Assert.Equal(
            "--prewarm fixed:65: agent, fixed:N, minimum:N or littles-law, with N from 0 to 64",
            Assert.Throws<UserException>(() => (Settings with { Prewarm = "fixed:65" }).Check()).Message);
    }

    [Fact]
    public void The_silo_alone_is_told_when_idle_kernels_give_their_processes_back()
    {
        var plan = Plan(Settings with { Reclaim = "idle:30m" });
        Assert.Equal("idle:30m", Value(plan[0], "--reclaim"));
        foreach (var child in plan.Skip(1).Concat(Plan(Settings))) Assert.DoesNotContain("--reclaim", child.Command);
        Assert.StartsWith("--reclaim idle:30: none or idle:TIME", Assert.Throws<UserException>(() => (Settings with { Reclaim = "idle:30" }).Check()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_silo_alone_is_told_how_many_kernels_there_may_be_and_for_how_long()
    {
        var kernels = new UpKernels("12h", null, Connected: true, Busy: false, Most: 100, MostPerUser: 5);
        var plan = Plan(Settings with { Kernels = kernels });
        Assert.Equal(("12h", "100", "5"), (Value(plan[0], "--cull-idle-timeout"), Value(plan[0], "--max-kernels"), Value(plan[0], "--max-kernels-per-user")));
        Assert.Contains("--cull-connected", plan[0].Command);
        Assert.DoesNotContain("--cull-busy", plan[0].Command);
        foreach (var child in plan.Skip(1).Concat(Plan(Settings))) Assert.DoesNotContain(child.Command, a => a.StartsWith("--cull", StringComparison.Ordinal) || a.StartsWith("--max-kernels", StringComparison.Ordinal));
        (Settings with { Kernels = kernels }).Check();
        foreach (var wrong in (UpKernels[])[kernels with { IdleTimeout = "soon" }, kernels with { Interval = "" }, kernels with { Most = 0 }, kernels with { MostPerUser = -1 }])
            Assert.Throws<UserException>(() => (Settings with { Kernels = wrong }).Check());
    }

    [Fact]
    public void The_silo_alone_is_told_how_far_resources_may_be_promised()
    {
        var plan = Plan(Settings with { SubscriptionLimits = "3.5,4,1" });
        Assert.Equal("3.5,4,1", Value(plan[0], "--subscription-limits"));
        foreach (var child in plan.Skip(1).Concat(Plan(Settings))) Assert.DoesNotContain("--subscription-limits", child.Command);
        (Settings with { SubscriptionLimits = "3.5,4,1" }).Check();
        var refusal = Assert.Throws<UserException>((Settings with { SubscriptionLimits = "0,7,2" }).Check);
        Assert.Equal(
            ("--subscription-limits 0,7,2: three numbers from 1 to 1000, for GPUs, CPUs and memory, such as 7,7,2", ExitCodes.Usage),
            (refusal.Message, refusal.ExitCode));
    }

    [Theory]
    [InlineData("both", null, "--durability both: state or all")]
    [InlineData(null, "HOT", "--standby HOT: hot, warm or cold")]
    public void Unknown_ways_to_keep_state_are_refused(string? durability, string? standby, string line) => Assert.Equal(
        line, Assert.Throws<UserException>(() => (Settings with { Durability = durability, Standby = standby }).Check()).Message);

    [Fact]
    public void The_silo_alone_is_told_who_decides_what()
    {
        var settings = Settings with { Regime = "reservation", Policies = ["standby=cold", "placement=mine"], PolicyFolder = "/plug-ins" };
        var plan = Plan(settings);
        Assert.EndsWith("--regime reservation --policy standby=cold --policy placement=mine --policies /plug-ins", string.Join(' ', plan[0].Command), StringComparison.Ordinal);
        foreach (var child in plan.Skip(1)) Assert.DoesNotContain(child.Command, argument => argument is "--regime" or "--policy" or "--policies");
    }

    [Fact]
    public void Policies_that_cannot_be_had_are_refused_before_anything_starts()
    {
        var refusal = Assert.Throws<UserException>((Settings with { Policies = ["placement=mine"] }).Check);
        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
        Assert.StartsWith("policy 'placement=mine': there is no placement policy 'mine'", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<UserException>((Settings with { Policies = ["standby=cold"], Standby = "warm" }).Check);
        Assert.StartsWith("there is no regime 'chaos'", Assert.Throws<UserException>((Settings with { Regime = "chaos" }).Check).Message, StringComparison.Ordinal);
        (Settings with { Regime = "gandiva", Policies = ["standby=cold"] }).Check();
    }

    [Fact]
    public void No_secret_is_on_a_command_line()
    {
        Secrets.Prepare(_temporary.Data, "a-token-of-mine");
        foreach (var child in Plan(Settings with { Token = "a-token-of-mine" }))
            Assert.DoesNotContain(child.Command, argument => argument.Contains("a-token-of-mine", StringComparison.Ordinal));
    }

    [Fact]
    public void No_GPU_of_the_machine_belongs_to_two_servers()
    {
        var agents = Plan(Settings with { Gpus = "auto" }, GpuShares.Split(gpus: 5, agents: 3)).Where(c => c.Role == "agent").ToList();
        Assert.Equal(["0,1", "2,3", "4"], agents.Select(a => a.Environment["CUDA_VISIBLE_DEVICES"]));
        Assert.All(agents, a => Assert.Equal("auto", Value(a, "--gpus")));
    }

    [Fact]
    public void A_server_for_which_no_GPU_is_left_has_none()
    {
        var agents = Plan(Settings with { Gpus = "auto" }, GpuShares.Split(gpus: 1, agents: 3)).Where(c => c.Role == "agent").ToList();
        Assert.Equal(["auto", "none", "none"], agents.Select(a => Value(a, "--gpus")));
    }

    [Theory]
    [InlineData(-1, "auto", 8888, null)]
    [InlineData(65, "auto", 8888, null)]
    [InlineData(3, "simulated", 8888, null)]
    [InlineData(3, "simulated:-1", 8888, null)]
    [InlineData(3, "auto", 65536, null)]
    [InlineData(3, "auto", 8888, "short")]
    [InlineData(3, "auto", 8888, "with a blank")]
    public void What_can_never_work_is_refused_before_anything_starts(int agents, string gpus, int port, string? token)
    {
        var refusal = Assert.Throws<UserException>((Settings with { Agents = agents, Gpus = gpus, Port = port, Token = token }).Check);
        Assert.Equal(ExitCodes.Usage, refusal.ExitCode);
    }

    [Fact]
    public void Secrets_are_made_once_and_kept_for_their_owner_alone()
    {
        Secrets.Prepare(_temporary.Data, null);
        var (token, key) = (Secrets.Token(_temporary.Data), File.ReadAllText(_temporary.Data.ClusterKeyFile));
        Secrets.Prepare(_temporary.Data, null);
        Assert.Equal((token, key), (Secrets.Token(_temporary.Data), File.ReadAllText(_temporary.Data.ClusterKeyFile)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temporary.Data.TokenFile));
    }

    private static string Value(ChildSpec child, string option) => child.Command[child.Command.IndexOf(option) + 1];
}
