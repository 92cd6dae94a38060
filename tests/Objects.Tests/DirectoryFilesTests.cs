namespace Notebook.Objects.Tests;

/// <summary>The store on a real disk.</summary>
public sealed class DirectoryFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-objects-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Values_survive_a_restart_flushed_one_by_one_and_all_at_once()
    {
        var (small, large) = (Values.Of(1, 200_000), Values.Of(2, 50 * Cutter.FixedLength));
        Manifest first, second;
        using (var store = ObjectStore.Open(_folder, Values.Roomy))
        using (var pins = store.OpenScope())
        {
            first = (await store.PutOkAsync(small, pins)).Manifest;
            second = (await store.PutOkAsync(large, pins)).Manifest;
            foreach (var manifest in (Manifest[])[first, second])
                Assert.IsType<FlushOutcome.Durable>(
                    await store.FlushAsync(manifest.Chunks.Append(manifest.Id).Select(chunk => chunk.Hash), default));
        }
        using var again = ObjectStore.Open(_folder, Values.Roomy);
        Assert.Equal(small, await again.GetAsync(first));
        Assert.Equal(large, await again.GetAsync(second));
        Assert.Equal(54, again.Status.Chunks);
        Assert.Equal(54, Assert.IsType<CollectOutcome.Collected>(await again.CollectAsync()).Chunks);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "chunks"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Temporary_files_of_a_crash_go_and_foreign_files_stay()
    {
        ObjectStore.Open(_folder, Values.Roomy).Dispose();
        var (temporary, foreign) = (Path.Combine(_folder, "chunks", "3f", "7.tmp"), Path.Combine(_folder, "chunks", "00", "notes.txt"));
        File.WriteAllText(temporary, "half");
        File.WriteAllText(foreign, "a person's");
        using var store = ObjectStore.Open(_folder, Values.Roomy);
        Assert.False(File.Exists(temporary));
        Assert.True(File.Exists(foreign));
        Assert.Equal(0, store.Status.Chunks);
    }

    [Fact]
    public async Task A_damaged_file_is_set_aside()
    {
        using var store = ObjectStore.Open(_folder, Values.Roomy);
        var manifest = (await store.PutOkAsync(Values.Of(1, 1000), store.OpenScope())).Manifest;
        var file = Path.Combine(_folder, Values.FileOf(manifest.Chunks[0]));
        File.WriteAllBytes(file, new byte[1000]);
        Assert.Null(await store.GetAsync(manifest));
        Assert.False(File.Exists(file));
        Assert.True(File.Exists(Path.Combine(_folder, "quarantine", manifest.Chunks[0].Hash.ToString())));
    }

    [Fact]
    public void A_second_process_is_kept_out()
    {
        using var store = ObjectStore.Open(_folder, Values.Roomy);
        Assert.Throws<IOException>(() => ObjectStore.Open(_folder, Values.Roomy));
    }

    [Fact]
    public void A_full_disk_is_told_from_other_errors()
    {
        // The system's own full disk: every write to it fails for lack of room.
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var error = Assert.ThrowsAny<IOException>(() => RandomAccess.Write(full, new byte[10], 0));
        Assert.True(DiskFullException.IsDiskFull(error));
        Assert.False(DiskFullException.IsDiskFull(Assert.ThrowsAny<IOException>(() => File.OpenHandle(Path.Combine(_folder, "none")))));
    }

    [Fact]
    public void What_is_not_there_cannot_be_made_durable()
    {
        using var files = new DirectoryFiles(_folder);
        Assert.Contains("could not be made durable", Assert.Throws<IOException>(() => files.Sync(["chunks/00/none"])).Message, StringComparison.Ordinal);
    }
}
