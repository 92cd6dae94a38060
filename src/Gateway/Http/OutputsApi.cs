using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Notebook.Gateway.Outputs;

namespace Notebook.Gateway.Http;

/// <summary>
/// <c>/api/kernels/{id}/outputs/{name}</c>: an output that was too large for a client, as its message's content, or with
/// <c>?mime=image/png</c> one of its forms as a file. Ours alone.
/// </summary>
internal sealed class OutputsApi(KeptOutputs outputs)
{
    public static void Map(WebApplication app) =>
        app.MapGet("/api/kernels/{id}/outputs/{name}", (string id, string name, string? mime, HttpContext context, OutputsApi api) => api.View(new(id), name, mime, context));

    private IResult View(KernelId kernel, string name, string? mime, HttpContext context)
    {
        if (outputs.Find(kernel, name) is not { } content) return Errors.NotFound($"no output {name} of kernel {kernel} is kept");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (string.IsNullOrEmpty(mime)) return Results.Bytes(content, "application/json", $"{name}.json");

        using var json = JsonDocument.Parse(content);
        if (!json.RootElement.TryGetProperty("data"u8, out var data) || data.ValueKind != JsonValueKind.Object || !data.TryGetProperty(mime, out var form))
            return Errors.NotFound($"output {name} of kernel {kernel} has no {mime}");
        var type = MediaTypeHeaderValue.TryParse(mime, out _) ? mime : "application/octet-stream";
        return Results.Bytes(BytesOf(form, mime), type, name);   // to be saved, not shown: it comes from a cell
    }

    // Jupyter writes what is not text in base64, and JSON as it is.
    private static byte[] BytesOf(JsonElement form, string mime)
    {
        if (form.ValueKind != JsonValueKind.String) return Encoding.UTF8.GetBytes(form.GetRawText());
        var text = form.GetString()!;
        if (mime.StartsWith("text/", StringComparison.Ordinal) || mime.EndsWith("xml", StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(text);
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(text);
    }
}
