using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.StaticFiles;
using Notebook.Gateway.Cluster;

namespace Notebook.Gateway.Http;

/// <summary><c>/api/kernelspecs</c> and the specs' files: what the servers can start.</summary>
internal sealed class KernelSpecsApi(ControlPlane control)
{
    private static readonly FileExtensionContentTypeProvider s_types = new();

    public static void Map(WebApplication app)
    {
        app.MapGet("/api/kernelspecs", (HttpRequest request, KernelSpecsApi api) => api.ListAsync(request.PathBase));
        app.MapGet("/api/kernelspecs/{name}", (string name, HttpRequest request, KernelSpecsApi api) => api.ViewAsync(name, request.PathBase));
        app.MapGet("/kernelspecs/{name}/{file}", (string name, string file, KernelSpecsApi api) => api.FileAsync(name, file));
    }

    private async Task<IResult> ListAsync(string at)
    {
        var specs = await SpecsAsync();
        return Results.Json(new Dictionary<string, object>
        {
            ["default"] = specs.IsEmpty ? "" : specs[0].Name,
            ["kernelspecs"] = specs.ToDictionary(s => s.Name, s => Model(s, at)),
        });
    }

    private async Task<IResult> ViewAsync(string name, string at) =>
        await FindAsync(name) is { } spec ? Results.Json(Model(spec, at)) : Errors.NotFound($"Kernel spec {name} not found");

    private async Task<IResult> FileAsync(string name, string file)
    {
        if (await FindAsync(name) is not { } spec || !spec.Resources.TryGetValue(file, out var text))
            return Errors.NotFound($"Kernel spec {name} has no file {file}");
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? Results.Bytes(bytes.AsMemory(0, length), s_types.TryGetContentType(file, out var type) ? type : "application/octet-stream")
            : Errors.NotFound($"Kernel spec {name}: the file {file} cannot be read");
    }

    /// <summary>What the spec itself says, and whether kernels of it are replicated.</summary>
    private static JsonObject Metadata(KernelSpecInfo spec)
    {
        JsonObject metadata;
        try
        {
            metadata = JsonNode.Parse(spec.Metadata) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            metadata = [];   // an agent's word is input
        }

        if (spec.IsForeign) metadata["notebook"] = new JsonObject { ["replicated"] = false };
        return metadata;
    }

    private Task<ImmutableArray<KernelSpecInfo>> SpecsAsync() => control.CallAsync(g => g.Cluster.KernelSpecs());

    private async Task<KernelSpecInfo?> FindAsync(string name) => (await SpecsAsync()).FirstOrDefault(s => s.Name == name);

    private static Dictionary<string, object> Model(KernelSpecInfo spec, string at) => new Dictionary<string, object>
    {
        ["name"] = spec.Name,
        ["spec"] = new Dictionary<string, object>
        {
            // Processes start at the servers, whose command lines are nothing to clients.
            ["argv"] = Array.Empty<string>(),
            ["env"] = new Dictionary<string, string>(),
            ["display_name"] = spec.DisplayName,
            ["language"] = spec.Language,
            ["interrupt_mode"] = "message",
            ["metadata"] = Metadata(spec),
        },
        ["resources"] = spec.Resources.Keys.ToDictionary(
            file => file.StartsWith("logo-", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(file) : file,
            file => $"{at}/kernelspecs/{Uri.EscapeDataString(spec.Name)}/{Uri.EscapeDataString(file)}"),
    };
}
