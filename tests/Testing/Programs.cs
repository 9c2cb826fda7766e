namespace Agora.Testing;

/// <summary>Programs of this machine.</summary>
public static class Programs
{
    /// <summary>Where the PATH has it; null: nowhere.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
