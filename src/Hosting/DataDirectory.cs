using System.Security.Cryptography;

namespace Agora.Hosting;

/// <summary>
/// Where a process keeps what must survive it: the database, and the keys that the environment does not give. The directory
/// is 0700 and its files 0600; a key is made once, at the first start, and printed only to a terminal. Where everything is given
/// and stored elsewhere, nothing is made here.
/// </summary>
public sealed class DataDirectory
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string MasterFile = "master.key";

    private readonly byte[]? _masterKey;
    private readonly byte[]? _tokenKey;

    public DataDirectory(AgoraSettings settings) => (Path, _masterKey, _tokenKey) = (settings.DataDirectory, settings.MasterKey, settings.TokenKey);

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "agora.db");

    /// <summary>Wraps personal keys; without it nothing personal is readable.</summary>
    public byte[] MasterKey => _masterKey ?? Bytes(MasterFile);

    /// <summary>The same where it is there already; null where it would have to be made.</summary>
    public byte[]? GivenMasterKey => HasMasterKey ? MasterKey : null;

    /// <summary>Signs session tokens.</summary>
    public byte[] TokenKey => _tokenKey ?? Bytes("token.key");

    /// <summary>Whether there is a master key, given or kept, without making one.</summary>
    public bool HasMasterKey => _masterKey is not null || File.Exists(System.IO.Path.Combine(Path, MasterFile));

    /// <exception cref="SettingException">It cannot be made.</exception>
    public void Create() => Kept(Path, () => Directory.CreateDirectory(Path, Private | UnixFileMode.UserExecute));

    /// <summary>A key for people and programs, made if it is not there.</summary>
    /// <exception cref="SettingException">What somebody put there is no key that could keep anyone out.</exception>
    public (string Key, bool IsNew) AccessKey(string name)
    {
        var file = FileOf(name);
        if (File.Exists(file))
        {
            var kept = Kept(file, () => File.ReadAllText(file)).Trim();
            return KeyRule.IsKey(kept) ? (kept, false) : throw new SettingException($"{file} must hold {KeyRule.Rule}; or make another: ./run rotate-key {name}");
        }

        return (MakeAccessKey(file, "", overwrite: false), true);
    }

    /// <summary>Makes a key that begins so, if there is none of that name.</summary>
    /// <returns>It was made.</returns>
    public bool MakeAccessKey(string name, string prefix)
    {
        if (File.Exists(FileOf(name))) return false;

        MakeAccessKey(FileOf(name), prefix, overwrite: false);
        return true;
    }

    /// <summary>A text for this user's eyes alone, in a file of the directory; what the file held before is gone.</summary>
    public void Keep(string file, string text) => WriteNew(file, System.Text.Encoding.UTF8.GetBytes(text), overwrite: true);

    /// <summary>Names of operators' keys: admin, and whatever <c>rotate-key</c> added.</summary>
    public IEnumerable<string> AccessKeyNames() => !Directory.Exists(Path) ? []
        : Directory.EnumerateFiles(Path, "*.access").Select(f => System.IO.Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>Replaces a key, or makes it; the old one stops working at the next start.</summary>
    public string Rotate(string name) => MakeAccessKey(FileOf(name), name.StartsWith("test-", StringComparison.Ordinal) ? TenantKey.TestPrefix : "", overwrite: true);

    public string FileOf(string name) => System.IO.Path.Combine(Path, name + ".access");

    private byte[] Bytes(string name)
    {
        var file = System.IO.Path.Combine(Path, name);
        if (!File.Exists(file))
        {
            WriteNew(file, RandomNumberGenerator.GetBytes(32), overwrite: false);
        }

        var bytes = Kept(file, () => File.ReadAllBytes(file));
        return bytes.Length == 32 ? bytes : throw new SettingException($"{file} must hold exactly 32 bytes; restore it from a backup.");
    }

    // Written whole under another name first: a crash leaves no half key that a later start would take for the real one.
    private void WriteNew(string file, byte[] content, bool overwrite)
    {
        Create();
        Kept(file, () =>
        {
            var draft = file + ".new";
            File.Delete(draft);
            using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, file, overwrite);
            return file;
        });
    }

    private string MakeAccessKey(string file, string prefix, bool overwrite)
    {
        var key = $"{prefix}agora_" + Base64Url(RandomNumberGenerator.GetBytes(32));
        WriteNew(file, System.Text.Encoding.ASCII.GetBytes(key + "\n"), overwrite);
        return key;
    }

    private static T Kept<T>(string path, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"--data / AGORA_DATA: '{path}' cannot be used: {e.Message}");
        }
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
