using System.Security.Cryptography;

namespace Agora.Silo.Settings;

/// <summary>
/// Where a process keeps what must survive it: the database, and the keys that the environment does not give. The directory
/// is 0700 and its files 0600; a key is made once, at the first start, and printed only to a terminal.
/// </summary>
public sealed class DataDirectory
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public DataDirectory(string path)
    {
        Path = path;
        Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "agora.db");

    /// <summary>Wraps personal keys; without it nothing personal is readable.</summary>
    public byte[] MasterKey => Bytes("master.key");

    /// <summary>Signs session tokens.</summary>
    public byte[] TokenKey => Bytes("token.key");

    /// <summary>A key for people and programs, made if it is not there.</summary>
    public (string Key, bool IsNew) AccessKey(string name)
    {
        var file = FileOf(name);
        if (File.Exists(file))
        {
            return (File.ReadAllText(file).Trim(), false);
        }

        var key = "agora_" + Base64Url(RandomNumberGenerator.GetBytes(32));
        WriteNew(file, System.Text.Encoding.ASCII.GetBytes(key + "\n"));
        return (key, true);
    }

    /// <summary>Names of operators' keys: admin, and whatever <c>rotate-key</c> added.</summary>
    public IEnumerable<string> AccessKeyNames() => Directory.EnumerateFiles(Path, "*.access").Select(f => System.IO.Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>Replaces a key, or makes it; the old one stops working at the next start.</summary>
    public string Rotate(string name)
    {
        File.Delete(FileOf(name));
        return AccessKey(name).Key;
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name + ".access");

    private byte[] Bytes(string name)
    {
        var file = System.IO.Path.Combine(Path, name);
        if (!File.Exists(file))
        {
            WriteNew(file, RandomNumberGenerator.GetBytes(32));
        }

        var bytes = File.ReadAllBytes(file);
        return bytes.Length == 32 ? bytes : throw new SettingException($"{file} must hold exactly 32 bytes; restore it from a backup.");
    }

    // Written whole under another name first: a crash leaves no half key that a later start would take for the real one.
    private static void WriteNew(string file, byte[] content)
    {
        var draft = file + ".new";
        File.Delete(draft);
        using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: false);
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
