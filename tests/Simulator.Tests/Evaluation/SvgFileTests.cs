using System.Globalization;
using System.Xml.Linq;
using Notebook.Simulator.Evaluation;
using Notebook.Simulator.Reports.Plots;
using Xunit;

namespace Notebook.Simulator.Tests.Evaluation;

public class SvgFileTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_picture_stands_below_a_legend_that_takes_as_many_lines_as_it_needs()
    {
        var file = XDocument.Parse(SvgFile.Of(Picture(), [.. Enumerable.Range(0, 6).Select(i => ($"run <number> {i}", "#000000", ""))])).Root!;
        var names = file.Elements(s_svg + "text").ToList();
        Assert.Equal(6, names.Count);
        Assert.All(names, name => Assert.InRange(At(name, "x"), 0, 300));
        Assert.Equal(3, names.Select(name => At(name, "y")).Distinct().Count());
        var picture = Assert.Single(file.Elements(s_svg + "svg"));
        Assert.True(At(picture, "y") > names.Max(name => At(name, "y")));
        Assert.Equal(At(file, "height"), At(picture, "y") + At(picture, "height"));
    }

    private static MarkupText Picture() => new MarkupText().Raw("<svg viewBox=\"0 0 400 100\"><rect width=\"9\" height=\"9\"/></svg>");

    private static double At(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
