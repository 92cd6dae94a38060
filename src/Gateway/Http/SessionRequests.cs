using System.Text.Json;

namespace Notebook.Gateway.Http;

/// <summary>A new session, as a client asks for it.</summary>
/// <param name="Path">Where its document is.</param>
/// <param name="Type">What it is.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Kernel">The kernel that it is to have, if that runs; null for a new one.</param>
/// <param name="Start">The kernel that it gets otherwise.</param>
internal sealed record SessionRequest(string Path, string Type, string Name, KernelId? Kernel, KernelRequest Start);

/// <summary>What is to be different of a session.</summary>
/// <param name="Path">Where its document is; null when that stays.</param>
/// <param name="Type">What it is; null when that stays.</param>
/// <param name="Name">What it is called; null when that stays.</param>
/// <param name="Kernel">The kernel that it is to have; null when that stays, or it gets a new one.</param>
/// <param name="Start">The new one otherwise, if its kernelspec has a name; null when no kernel is named.</param>
internal sealed record SessionUpdate(string? Path, string? Type, string? Name, KernelId? Kernel, KernelRequest? Start);

/// <summary>
/// Reads the bodies of <c>POST /api/sessions</c> and <c>PATCH /api/sessions/ID</c>: <c>path</c>, <c>type</c>, <c>name</c> and
/// <c>kernel</c> with <c>id</c>, or with what <see cref="StartRequests"/> takes; and <c>notebook</c>, as clients wrote it once.
/// </summary>
internal static class SessionRequests
{
    private const int MaxPath = 4096;
    private const int MaxName = 256;

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement json, out SessionRequest? request)
    {
        request = null;
        if (TryRead(json, out SessionUpdate? asked) is { } fault) return fault;
        if (asked!.Path is null) return "Missing field in JSON data: path";
        if (asked.Type is null) return "Missing field in JSON data: type";
        request = new(asked.Path, asked.Type, asked.Name ?? "", asked.Kernel, Placed(asked.Start ?? StartRequests.Default, asked.Path));
        return null;
    }

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement json, out SessionUpdate? update)
    {
        update = null;
        string? path = null, type = null, name = null, id = null;
        if ((JsonBodies.Text(json, "path", MaxPath, ref path)
            ?? JsonBodies.Text(json, "type", MaxName, ref type)
            ?? JsonBodies.Text(json, "name", MaxName, ref name)) is { } fault) return fault;

        if (json.TryGetProperty("notebook", out var notebook) && notebook.ValueKind != JsonValueKind.Null)
        {
            if (notebook.ValueKind != JsonValueKind.Object) return "notebook must be an object";
            if (JsonBodies.Text(notebook, "path", MaxPath, ref path) is { } wrong) return wrong;
            type = "notebook";
        }

        if (path is "" || type is "") return "path and type of a session must not be empty";
        KernelRequest? start = null;
        if (json.TryGetProperty("kernel", out var kernel) && kernel.ValueKind != JsonValueKind.Null)
        {
            if (kernel.ValueKind != JsonValueKind.Object) return "kernel must be an object";
            if ((JsonBodies.Text(kernel, "id", MaxName, ref id) ?? StartRequests.TryRead(kernel, out start)) is { } wrong) return $"kernel: {wrong}";
        }

        update = new(path, type, name, string.IsNullOrEmpty(id) ? null : new KernelId(id), start);
        return null;
    }

    /// <summary>The new kernel, told which document it is for, and put where that is if the path says so.</summary>
    public static KernelRequest Placed(KernelRequest start, string path) => start with
    {
        Environment = start.Environment.SetItem("JPY_SESSION_NAME", path),
        WorkingDirectory = start.WorkingDirectory ?? (path.StartsWith('/') ? Path.GetDirectoryName(path) : null),
    };
}
