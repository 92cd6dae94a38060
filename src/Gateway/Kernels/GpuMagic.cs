namespace Notebook.Gateway.Kernels;

/// <summary>What a cell's code says of the GPUs that it needs.</summary>
internal abstract record GpuMagic
{
    private const string Usage = "%%gpu N [--vram GB] [--cpus MILLICPUS] [--memory MB]";
    private static readonly string[] s_options = ["--vram", "--cpus", "--memory"];

    /// <summary>Its first line is <c>%%gpu N</c>: it needs this.</summary>
    public sealed record Asks(ResourceRequest Resources) : GpuMagic;

    /// <summary>Its first line is a <c>%%gpu</c> that cannot be met: it is not to run.</summary>
    /// <param name="Fault">What is wrong, and what would be right.</param>
    public sealed record Wrong(string Fault) : GpuMagic;

    /// <summary>It is nothing but <c>%gpu N</c> or <c>%gpu default</c>: it sets what the cells after it get, and needs no GPU itself.</summary>
    public sealed record Sets : GpuMagic;

    /// <summary>
    /// Reads it. GPUs are leased before a cell starts, so <c>%%gpu</c> is read here, by the rules of the kernel package
    /// (<c>kernel/notebook_kernel/cell_request.py</c>), which then runs what is below that line.
    /// </summary>
    /// <returns>Null when it says nothing.</returns>
    public static GpuMagic? Read(CodeHead head)
    {
        var (name, arguments) = head.Line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
            ? (head.Line[..space], head.Line[space..].Trim())
            : (head.Line, "");
        return name switch
        {
            "%%gpu" => Parse(arguments),
            "%gpu" when head.IsAll && arguments.Length > 0 && !IsExpanded(arguments) => new Sets(),
            _ => null,
        };
    }

    // IPython puts the values of variables there, which only the kernel has.
    private static bool IsExpanded(string arguments) => arguments.AsSpan().IndexOfAny('{', '$') >= 0;

    private static GpuMagic Parse(string arguments)
    {
        if (arguments.Length == 0) return new Wrong($"%%gpu needs a number of GPUs: {Usage}");
        if (IsExpanded(arguments))
        {
            return new Wrong(
                $"%%gpu is read before the cell starts, when '{ResourceRequests.Short(arguments)}' has no value yet: write the number itself, or use %gpu in a cell before this one");
        }

        var amounts = new double?[1 + s_options.Length];
        var words = new Queue<string>(arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        while (words.TryDequeue(out var word))
        {
            var (at, name, value) = (0, "", word);
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var equals = word.IndexOf('=', StringComparison.Ordinal);
                (name, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
                at = 1 + Array.IndexOf(s_options, name);
                if (at == 0) return new Wrong($"%%gpu has no option '{ResourceRequests.Short(name)}': {Usage}");
                if (value is null && !words.TryDequeue(out value)) return new Wrong($"%%gpu {name} needs a value: {Usage}");
            }

            if (amounts[at] is not null) return new Wrong($"%%gpu has {(at == 0 ? "two numbers of GPUs" : $"{name} twice")}: {Usage}");
            if (ResourceRequests.Number(value) is not { } amount)
                return new Wrong($"%%gpu {(at == 0 ? "takes a number of GPUs" : $"{name} takes a number")}, not '{ResourceRequests.Short(value)}': {Usage}");
            amounts[at] = amount;
        }

        if (amounts[0] is null) return new Wrong($"%%gpu needs a number of GPUs: {Usage}");
        return ResourceRequests.Make(amounts, at => at == 0 ? "%%gpu" : $"%%gpu {s_options[at - 1]}", out var resources) is { } fault
            ? new Wrong(fault)
            : new Asks(resources!);
    }
}
