using System.CommandLine;
using System.CommandLine.Invocation;

namespace Notebook.Hosting;

/// <summary>Help under the name that a person types (<c>notebook silo</c>), not the assembly's.</summary>
internal sealed class NamedHelp(SynchronousCommandLineAction help, string name) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool Terminating => help.Terminating;

    /// <summary>Who asks for help need not say anything else right.</summary>
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        var exitCode = help.Invoke(parseResult);
        configuration.Output = output;
        output.Write(text.ToString().Replace(RootCommand.ExecutableName, name, StringComparison.Ordinal));
        return exitCode;
    }
}
