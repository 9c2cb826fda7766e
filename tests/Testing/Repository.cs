namespace Agora.Testing;

/// <summary>The files of the repository that the tests were built in.</summary>
public static class Repository
{
    public static string Root { get; } = Located();

    public static string File(string path) => Path.Combine(Root, path);

    public static string Text(string path) => System.IO.File.ReadAllText(File(path));

    private static string Located()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "Orleans.sln"))) return directory.FullName;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no repository.");
    }
}
