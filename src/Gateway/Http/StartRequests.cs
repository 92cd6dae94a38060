using System.Text.Json;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Http;

/// <summary>
/// Reads the body of <c>POST /api/kernels</c>: <c>name</c>, <c>env</c>, <c>path</c>, <c>kernel_id</c>, <c>durability</c>,
/// <c>standby</c>, each optional.
/// </summary>
internal static class StartRequests
{
    private const int MaxVariables = 512;
    private const int MaxText = 64 << 10;
    private const int MaxName = 4096;

    /// <summary>The request that asks for nothing.</summary>
    public static KernelRequest Default { get; } = Make("", [], null, null, null, KeepingRequest.Default);

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(ReadOnlyMemory<byte> body, out KernelRequest? request)
    {
        request = Default;
        return body.Span.Trim(" \t\r\n"u8).IsEmpty ? null : JsonBodies.TryRead(body, TryRead, out request);
    }

    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryRead(JsonElement json, out KernelRequest? request)
    {
        request = null;
        string? name = "", path = null, id = null;
        if ((JsonBodies.Text(json, "name", MaxName, ref name)
            ?? JsonBodies.Text(json, "path", MaxName, ref path)
            ?? JsonBodies.Text(json, "kernel_id", MaxName, ref id)) is { } fault) return fault;

        var environment = new Dictionary<string, string>();
        if (json.TryGetProperty("env", out var env) && env.ValueKind != JsonValueKind.Null)
        {
            if (env.ValueKind != JsonValueKind.Object) return "env must be an object of texts";
            var total = 0;
            foreach (var variable in env.EnumerateObject())
            {
                if (variable.Value.ValueKind != JsonValueKind.String) return $"env.{variable.Name} must be a text";
                var value = variable.Value.GetString()!;
                if (variable.Name.Length == 0 || variable.Name.AsSpan().IndexOfAny('=', '\0') >= 0 || value.Contains('\0'))
                    return "a name in env is empty or has '=' in it, or a text there has a zero byte";
                total += variable.Name.Length + value.Length;
                environment[variable.Name] = value;
            }

            if (environment.Count > MaxVariables || total > MaxText)
                return $"env has {environment.Count} variables with {total} characters; at most {MaxVariables} and {MaxText} are taken";
        }

        if (ResourceRequests.TryRead(environment, out var resources) is { } wrong) return wrong;
        if (KeepingRequests.TryRead(json, environment, out var keeping) is { } unkept) return unkept;
        if ((WaitNotices.Fault(environment) ?? CullChoice.Fault(environment)) is { } unknown) return unknown;
        id = string.IsNullOrEmpty(id) ? environment.GetValueOrDefault("KERNEL_ID") : id;
        if (!string.IsNullOrEmpty(id) && !Ids.IsOne(id))
            return "kernel_id must be five groups of letters and digits with hyphens between, as a GUID";
        var directory = environment.GetValueOrDefault("KERNEL_WORKING_DIR") is { Length: > 0 } working ? working : path;
        request = Make(name!, environment, string.IsNullOrEmpty(directory) ? null : directory, id, resources, keeping!);
        return null;
    }

    private static KernelRequest Make(
        string name, Dictionary<string, string> environment, string? directory, string? id, ResourceRequest? resources, KeepingRequest keeping) => new(
            string.IsNullOrEmpty(id) ? null : new KernelId(id.ToLowerInvariant()),
            name,
            environment.GetValueOrDefault("KERNEL_USERNAME") is { Length: > 0 } user ? user : "default",
            environment.ToImmutableDictionary(),
            directory,
            resources)
        {
            Keeping = keeping,
        };
}
