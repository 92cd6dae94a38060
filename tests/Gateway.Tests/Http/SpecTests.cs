using System.Text.RegularExpressions;
using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Http;

public sealed partial class SpecTests
{
    [Fact]
    public async Task The_specification_names_what_is_served_and_nothing_else()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var answer = await gateway.Http.GetAsync("/api/spec.yaml");
        Assert.Equal("text/x-yaml", answer.Content.Headers.ContentType!.MediaType);
        var served = gateway.Routes.Order().ToArray();
        Assert.NotEmpty(served);
        Assert.Equal(served, Named(await answer.Content.ReadAsStringAsync()).Order());
    }

    private static IEnumerable<string> Named(string yaml)
    {
        var path = "";
        foreach (var line in yaml.Split('\n'))
        {
            if (Path().Match(line) is { Success: true } found) path = found.Groups[1].Value;
            else if (Method().Match(line) is { Success: true } method) yield return $"{method.Groups[1].Value.ToUpperInvariant()} {path}";
        }
    }

    [GeneratedRegex(@"^  (/\S*):$")]
    private static partial Regex Path();

    [GeneratedRegex(@"^    (get|post|put|patch|delete):$")]
    private static partial Regex Method();
}
