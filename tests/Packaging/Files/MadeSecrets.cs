namespace Agora.Packaging;

/// <summary>What deploy/make-secrets makes, for as long as a test looks at it.</summary>
internal sealed class MadeSecrets : IDisposable
{
    private readonly string _above = Directory.CreateTempSubdirectory("agora-secrets-").FullName;

    public MadeSecrets() => Make();

    public string this[string name] => Path.Combine(_above, "secrets", name);

    public void Make() => Checks.Run("sh", Repository.File("deploy/make-secrets"), this[""]);

    public SortedDictionary<string, string> Read() => new(Directory.EnumerateFiles(this[""]).ToDictionary(f => Path.GetFileName(f), File.ReadAllText), StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(_above, recursive: true);
}
