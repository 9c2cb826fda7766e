namespace Agora.Api.Tests.Support;

internal static class Repository
{
    private static readonly string Root = Locate();

    public static string File(string path) => Path.Combine(Root, path);

    public static string Text(string path) => System.IO.File.ReadAllText(File(path));

    private static string Locate()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(directory.FullName, "Orleans.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
