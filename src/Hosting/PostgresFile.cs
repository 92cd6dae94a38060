namespace Notebook.Hosting;

/// <summary>The connection string of the cluster's database. It holds a password, so it comes in a file, never on a command line.</summary>
public static class PostgresFile
{
    /// <summary>Reads the connection string.</summary>
    /// <exception cref="UserException">The file cannot be read, or holds nothing.</exception>
    public static string Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path).Trim();
            return text.Length > 0
                ? text
                : throw new UserException($"{path} is empty: write the connection string there, such as 'Host=db;Database=notebook;Username=...'");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"cannot read the connection string in {path}: {e.Message}");
        }
    }
}
