using System.Globalization;

namespace Notebook.Gpu;

/// <summary>The first number of a driver's version, by which its features are told.</summary>
internal static class DriverBranch
{
    /// <summary>The branch; null for what does not look like a version, which is not taken for an old one.</summary>
    public static int? Of(string version) =>
        int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var branch) ? branch : null;
}
