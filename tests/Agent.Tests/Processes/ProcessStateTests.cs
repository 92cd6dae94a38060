using Notebook.Agent.Processes;

namespace Notebook.Agent.Tests.Processes;

public class ProcessStateTests
{
    [Fact]
    public void It_goes_forward_and_may_die_at_any_time()
    {
        var state = new ProcessState("1");
        Assert.True(state.Become(ProcessPhase.Warm));
        Assert.True(state.Become(ProcessPhase.Assigned));
        Assert.True(state.Become(ProcessPhase.Dead));
        Assert.False(state.Become(ProcessPhase.Assigned));
        Assert.Equal(ProcessPhase.Dead, state.Phase);
    }

    [Fact]
    public void Other_steps_are_a_fault_of_ours()
    {
        var state = new ProcessState("1");
        Assert.Throws<InvalidOperationException>(() => state.Become(ProcessPhase.Assigned));
        Assert.Throws<InvalidOperationException>(() => state.Become(ProcessPhase.Starting));
    }
}

public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_private_and_starts_empty()
    {
        var path = Path.Combine(_folder, "run");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "left over"), "");
        var folder = new RunFolder(path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
        var (connection, file) = folder.NewConnection("1", "python3");
        Assert.Equal(connection.Ip, Path.Combine(path, "1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        folder.Clean("1");
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
    }

    [Fact]
    public void A_path_too_long_for_unix_sockets_is_replaced()
    {
        var folder = new RunFolder(Path.Combine(_folder, new string('x', 120)));
        var (connection, _) = folder.NewConnection("123456", "python3");
        Assert.True(connection.Address(5).Length < 110);
        folder.Remove();
    }
}
