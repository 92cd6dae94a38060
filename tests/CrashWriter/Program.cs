using System.Globalization;
using System.Text;
using Notebook.Embedded.Storage;

namespace Notebook.CrashWriter;

/// <summary>
/// Writes growing numbers as many grains at once, and prints <c>GRAIN VALUE .</c> for each that the store has
/// acknowledged, until somebody kills it.
/// </summary>
public static class Program
{
    public static async Task Main(string[] args)
    {
        using var store = new SqliteGrainStore(args[0]);
        await store.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(grain => WriteAsync(store, $"g/{grain}")));
    }

    private static async Task WriteAsync(SqliteGrainStore store, string grain)
    {
        string? etag = null;
        for (var value = 0; ; value++)
        {
            var text = value.ToString(CultureInfo.InvariantCulture);
            etag = await store.WriteAsync(new(grain, "state"), Encoding.UTF8.GetBytes(text), etag);
            await Console.Out.WriteLineAsync($"{grain} {text} .");
        }
    }
}
